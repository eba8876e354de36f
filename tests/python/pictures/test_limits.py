"""The limits of reading hold for writing: whatever compress() gives, decompress() takes."""

import numpy as np
import pytest
from PIL import Image
from vaerans_ecs import Context, compress, compress_latent, decompress, decompress_latent
from vaerans_ecs.errors import LimitExceeded

GOOD = np.full((16, 24, 3), 90, np.uint8)
RECIPE = "vae(photo-f8c4) | cdf53(levels=1) | quantize(step=0.5) | ans"


def limited(on_error="raise", **limits):
    context = Context(on_error=on_error)
    for name, value in limits.items():
        setattr(context.limits, name, value)
    return context


def test_a_picture_wider_than_the_limit():
    with pytest.raises(LimitExceeded, match="262145"):
        compress(np.zeros((1, 262145, 3), np.uint8), pipeline=RECIPE)


@pytest.mark.parametrize("limit", [{"max_pixels": 383}, {"max_side": 23}])
def test_limits_of_a_context_bind_compress(limit):
    with pytest.raises(LimitExceeded):
        compress(GOOD, pipeline=RECIPE, context=limited(**limit))
    small, refused = compress([GOOD[:8, :8], GOOD], pipeline=RECIPE, context=limited("collect", **limit))
    assert isinstance(refused, LimitExceeded)
    assert decompress(small, context=limited(**limit)).shape == (8, 8, 3)


def test_limits_of_a_context_bind_files_of_pictures(tmp_path):
    """Before they are decoded; a limit above the usual one is no concern of Pillow's."""
    Image.fromarray(GOOD).save(tmp_path / "good.png")
    with pytest.raises(LimitExceeded, match="24 x 16 pixels; the limit is 383 pixels"):
        compress(tmp_path / "good.png", lossless=True, context=limited(max_pixels=383))
    data = compress(tmp_path / "good.png", lossless=True, context=limited(max_pixels=1 << 40))
    np.testing.assert_array_equal(decompress(data), GOOD)


def test_the_limits_themselves_fit():
    context = limited(max_pixels=384, max_side=24)
    assert decompress(compress(GOOD, pipeline=RECIPE, context=context), context=context).shape == GOOD.shape


def test_a_chain_longer_than_the_limit():
    many = "vae(photo-f8c4) | " + "hadamard4 | " * 14 + "quantize(step=0.5) | ans"
    with pytest.raises(LimitExceeded, match="17 steps"):
        compress(GOOD, pipeline=many)
    with pytest.raises(LimitExceeded, match="17 steps"):
        compress_latent(np.zeros((4, 8, 8), np.float32), "hadamard4 | " * 15 + "quantize | ans")


def test_channels_over_the_limit():
    assert decompress_latent(compress_latent(np.zeros((1024, 2, 2), np.float32), "quantize | ans")).shape == (
        1024,
        2,
        2,
    )
    with pytest.raises(LimitExceeded, match="1025"):
        compress_latent(np.zeros((1025, 2, 2), np.float32), "quantize | ans")


@pytest.mark.parametrize("threads", [1, 150, 2**31 - 1])
def test_any_number_of_threads_is_as_many_as_help(threads):
    assert compress(GOOD, pipeline=RECIPE, threads=threads) == compress(GOOD, pipeline=RECIPE)
