"""What shows its memory without being an array: ctypes, memoryview, array, scalars. Each in a process's own memory."""

import array
import ctypes
import pickle

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs import errors

pixels = np.random.default_rng(5).integers(0, 256, (8, 9, 3), np.uint8)


def of_ctypes(values: np.ndarray, kind: type) -> object:
    for extent in reversed(values.shape):
        kind = kind * extent
    return kind.from_buffer_copy(values.tobytes())


@pytest.mark.parametrize(
    "made", [lambda: of_ctypes(pixels, ctypes.c_uint8), lambda: memoryview(pixels), lambda: pickle.PickleBuffer(pixels)]
)
def test_buffers_are_pictures(made):
    """Buffers of ctypes have no strides, which nothing may follow."""
    assert (v.decompress(v.compress(made(), lossless=True)) == pixels).all()
    assert v.measure(made(), pixels)["psnr"] == np.inf
    world = v.World()
    assert (np.asarray(world.get(world.spawn_image(made()), "RGB")) == pixels).all()


def test_buffers_are_latents():
    latent = np.linspace(-1, 1, 4 * 8 * 8, dtype=np.float32).reshape(4, 8, 8)
    recipe = "hadamard4 | quantize(step=0.05) | ans"
    assert v.compress_latent(of_ctypes(latent, ctypes.c_float), recipe) == v.compress_latent(latent, recipe)


class Failing:
    __array_interface__ = {"shape": (4, 4, 3), "typestr": "|u1", "data": (0, False), "version": 3}  # noqa: RUF012


released = memoryview(b"abc")
released.release()


@pytest.mark.parametrize(
    "wrong",
    [np.datetime64("2020"), np.str_("no such file"), array.array("B", b"abc"), released, Failing(), np.void(b"abc")],
)
def test_what_is_no_picture_has_its_error(wrong):
    calls = (v.compress, v.World().spawn_image, lambda x: v.measure(x, pixels), lambda x: v.compress([x, pixels]))
    for call in calls:
        with pytest.raises((errors.VaeransError, FileNotFoundError)):
            call(wrong)
    with pytest.raises((errors.VaeransError, FileNotFoundError)):
        v.compress_latent(wrong, "quantize(step=1) | ans")
    with pytest.raises((errors.VaeransError, FileNotFoundError)):
        v.decompress(wrong)


def test_memory_that_is_not_there_is_said():
    many = np.broadcast_to(np.uint8(3), (1 << 20, 1 << 20, 3))
    with pytest.raises(MemoryError, match="there is not enough memory"):
        v.measure(many, many)
