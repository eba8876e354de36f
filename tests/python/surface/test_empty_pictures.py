"""Arrays without a pixel or a sample: a typed error wherever a picture is taken, never a number made of nothing."""

import io

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs import eval as reports
from vaerans_ecs import viz
from vaerans_ecs.errors import ImageUnsupported, InvalidArgument, ShapeError

GOOD = np.zeros((16, 24, 3), np.uint8)
SHAPES = {
    (16, 24, 0): "0 channels",
    (16, 24, 5): "5 channels",
    (0, 24, 3): r"empty \(0 x 24 pixels\)",
    (16, 0, 3): r"empty \(16 x 0 pixels\)",
    (0, 24): r"empty \(0 x 24 pixels\)",
    (0, 0, 0): r"empty \(0 x 0 pixels\)",
}
TAKE_ONE = {
    "compress": v.compress,
    "lossless": lambda picture: v.compress(picture, lossless=True),
    "save": lambda picture: v.save(io.BytesIO(), picture),
    "spawn_image": lambda picture: v.World(1 << 20).spawn_image(picture),
    "spawn_batch_rgb": lambda picture: v.World(1 << 20).spawn_batch_rgb([picture]),
    "measure": lambda picture: v.measure(picture, picture),
    "measure, one good": lambda picture: v.measure(GOOD, picture),
    "measure, the other": lambda picture: v.measure(picture, GOOD),
}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", TAKE_ONE)
def test_one_picture(name, shape, dtype):
    with pytest.raises(ImageUnsupported, match=SHAPES[shape]):
        TAKE_ONE[name](np.zeros(shape, dtype))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_floats_with_a_range(shape):
    for take in (v.compress, v.World(1 << 20).spawn_image):
        with pytest.raises(ImageUnsupported, match=SHAPES[shape]):
            take(np.zeros(shape, np.float32), value_range=(0, 1))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_one_of_several(shape):
    """It costs no other, and its place is named."""
    bad = np.zeros(shape, np.uint8)
    with pytest.raises(ImageUnsupported, match=f"picture 1 of the list: .*{SHAPES[shape]}"):
        v.compress([GOOD, bad], lossless=True)
    good, error = v.compress([GOOD, bad], lossless=True, context=v.Context(on_error="collect"))
    assert np.array_equal(v.decompress(good), GOOD) and isinstance(error, ImageUnsupported)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_rows(shape):
    with pytest.raises(ShapeError, match="one to four channels"):
        v.compress_stream(np.zeros(shape, np.uint8), io.BytesIO())
    with pytest.raises(ShapeError, match="one to four channels"):
        v.RowWriter(io.BytesIO(), shape)


@pytest.mark.parametrize("shape", [(16, 24, 0), (0, 24, 3), (16, 0, 3), (0, 24)], ids=str)
def test_components_latents_and_figures(shape):
    nothing = np.zeros(shape, np.uint8)
    world = v.World(1 << 20)
    with pytest.raises(ShapeError, match="is empty"):
        world.set(world.new_entity(), "RGB", nothing, kind="image")
    for take in (world.spawn_latent, lambda latent: v.compress_latent(latent, "quantize | ans")):
        with pytest.raises(ShapeError, match=r"is empty|does not fit"):
            take(nothing.astype(np.float32))
    with pytest.raises(ShapeError, match="pixels that are there"):
        viz.residual_map(nothing, nothing)
    with pytest.raises(InvalidArgument, match="pixels that are there"):
        reports.report(nothing, nothing, trace=[], file_info={"parts": []}, metrics={})


def test_no_pictures_are_no_files():
    """A stack of none is a list of none."""
    none = np.zeros((0, 16, 24, 3), np.uint8)
    assert v.compress(none, lossless=True) == v.compress([], lossless=True) == []
    assert v.World(1 << 20).spawn_batch_rgb(none) == []
