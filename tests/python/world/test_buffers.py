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


ENDLESS = (1 << 20, 1 << 20, 3)  # an array of one byte may claim to have so many
many = np.broadcast_to(np.uint8(3), ENDLESS)


@pytest.mark.parametrize(
    "call",
    [
        lambda: v.compress(many),
        lambda: v.compress([pixels, many]),
        lambda: v.compress(np.broadcast_to(np.float32(0.5), ENDLESS), value_range=(0, 1)),
        lambda: v.compress_latent(np.broadcast_to(np.float32(3), ENDLESS), "quantize(step=1) | ans"),
        lambda: v.measure(many, pixels),
        lambda: v.measure(pixels, many),
        lambda: v.World().spawn_image(np.broadcast_to(np.float32(0.5), ENDLESS), (0, 1)),
    ],
)
def test_limits_are_asked_before_anything_is_copied(call):
    with pytest.raises(errors.LimitExceeded, match="1048576"):
        call()


def test_limits_of_a_context_are_asked_before_anything_is_copied():
    large, some = np.broadcast_to(np.uint8(3), (1 << 14, 1 << 14, 3)), v.Context(limits=v.Limits(max_pixels=1000))
    with pytest.raises(errors.LimitExceeded, match="16384 x 16384 pixels; the limits are 1000"):
        v.compress(large, context=some)
    kept, refused = v.compress([pixels, large], context=v.Context(limits=some.limits, on_error="collect"))
    assert v.decompress(kept).shape == pixels.shape and isinstance(refused, errors.LimitExceeded)


def test_a_strip_of_rows_that_is_none_is_not_copied(tmp_path):
    out = v.RowWriter(tmp_path / "a.vrs", pixels.shape)
    with pytest.raises(errors.LimitExceeded, match="1048576"):
        out.write(many)
    out.write(pixels)
    out.close()
    assert (v.open(tmp_path / "a.vrs") == pixels).all()


@pytest.mark.parametrize(
    "spawn",
    [
        lambda world: world.spawn_image(many),
        lambda world: world.spawn_batch_rgb([many]),
        lambda world: world.spawn_latent(np.broadcast_to(np.float32(3), ENDLESS)),
        lambda world: world.set(world.new_entity(), "mine", many, kind="image"),
    ],
)
def test_an_arena_takes_no_more_than_it_has(spawn):
    with pytest.raises(errors.ArenaFull, match="arena full: asked for"):
        spawn(v.World(1 << 20))
