"""Large pictures in tiles: the same results, and memory that stays bounded, measured in fresh processes."""

import numpy as np
import pytest
import vaerans_ecs as vaerans
from vaerans_ecs.systems import OnnxVAEDecode, OnnxVAEEncode

from ..conftest import peak_bytes

MODEL = "photo-f8c32"
MIB = 1 << 20


def latents_and_pixels(image, tile, model=MODEL):
    world = vaerans.World(arena_bytes=1 << 30)
    pipe = world.pipe(world.spawn_image(image)).to(OnnxVAEEncode(model=model, tile=tile))
    latents = np.array(pipe.out("Latent4"))
    return latents, np.array(pipe.to(OnnxVAEDecode(tile=tile)).out("ReconRGB"))


@pytest.mark.parametrize("shape", [(265, 264), (8, 600), (500, 9), (8, 8)])
def test_tiles_are_the_whole(picture, shape):
    image = picture(*shape)
    latents, pixels = latents_and_pixels(image, 0)
    tiled_latents, tiled_pixels = latents_and_pixels(image, 256)
    np.testing.assert_allclose(tiled_latents, latents, rtol=0, atol=2e-6 * np.abs(latents).max())
    assert np.abs(tiled_pixels.astype(int) - pixels).max() <= 1


def test_symbols_are_the_same(picture):
    """A float on the edge between two symbols would be bad luck: tiles sum in the same order, or nearly so."""
    image = picture(300, 420)
    chain = "cdf53(levels=4) | quantize(step=1.0) | ans"
    whole = vaerans.compress(image, pipeline=f"vae({MODEL}, tile=0) | {chain}")
    tiled = vaerans.compress(image, pipeline=f"vae({MODEL}, tile=256) | {chain}")
    assert whole == tiled, "and tiles are not in the file"


def test_recipes_are_short_by_default():
    assert OnnxVAEEncode(model=MODEL).recipe == f"vae({MODEL})"
    assert OnnxVAEEncode(model=MODEL, tile=512).recipe == f"vae({MODEL}, tile=512)"
    assert OnnxVAEEncode(model=MODEL, tile=512).inverse().params()["tile"] == 512


def test_the_memory_limit_cuts(picture):
    context = vaerans.Context(trace=True)
    context.limits.max_run_bytes = 8 * MIB
    world = vaerans.World(arena_bytes=1 << 30)
    pipe = world.pipe(world.spawn_image(picture(520, 530)), context=context)
    pipe.to(OnnxVAEEncode(model=MODEL)).to(OnnxVAEDecode())
    for step in context.trace:
        assert step["values"]["tiles"] > 1
        assert step["values"]["run_bytes"] <= 8 * MIB


def test_too_small_a_tile_says_so(picture):
    with pytest.raises(vaerans.errors.BadParameter, match="use at least"):
        vaerans.compress(picture(300, 300), pipeline=f"vae({MODEL}, tile=32) | quantize(step=1.0) | ans")


PROGRAM = r"""
    import sys
    import numpy as np
    import vaerans_ecs as vaerans

    def photo(height, width):  # row by row: making it must not take more than it does itself
        image, x = np.empty((height, width, 3), np.uint8), np.arange(width, dtype=np.float32)[:, None] / 97
        rng = np.random.default_rng(0)
        for y in range(height):
            row = 127 + 80 * np.sin(x + np.float32([0, 1.3, 2.6]) + np.float32(y / 211))
            image[y] = (row + rng.integers(-8, 9, (width, 3))).clip(0, 255)
        return image

    name, height, width, model = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[5]
    if name == "compress":
        with open(sys.argv[4], "wb") as file:
            file.write(vaerans.compress(photo(height, width), model=model))
    else:
        with open(sys.argv[4], "rb") as file:
            image = vaerans.decompress(file.read())
        assert image.shape == (height, width, 3)
        error = np.concatenate([image[y].astype(np.float32) - photo_row for y, photo_row in
                                ((y, row) for y, row in enumerate(photo(64, width)))])
        assert np.sqrt(np.mean(error**2)) < 12, "not the picture"
"""


def check_memory(folder, height, width, bound, model="photo-f8c64"):
    file = folder / "big.vrs"
    peaks = [peak_bytes(PROGRAM, job, height, width, file, model) for job in ("compress", "decompress")]
    assert max(peaks) <= bound, f"{[round(peak / MIB) for peak in peaks]} MiB to compress and decompress"


def test_12_megapixels_in_little_memory(tmp_path):
    check_memory(tmp_path, 3000, 4000, 800 * MIB)


@pytest.mark.long
@pytest.mark.parametrize(("model", "mebibytes"), [("photo-f8c32", 1536), ("photo-f8c64", 2304)])
def test_100_megapixels(tmp_path, model, mebibytes):
    """A latent of 64 channels has as many coefficients as the picture has pixels, each of 4 bytes in most steps."""
    check_memory(tmp_path, 10000, 10000, mebibytes * MIB, model)
