"""mode= and psnr=: which coder makes a file, and targets that it meets."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from vaerans_ecs import BadParameter, ModelNotFound, compress, decompress, file_info, measure
from vaerans_ecs.errors import InvalidArgument
from vaerans_ecs.models import CallableVAE

PICTURES = Path(__file__).resolve().parents[3] / "examples/pictures"


def test_modes(picture):
    pixels = picture(40, 50)
    assert file_info(compress(pixels, mode="wavelet")).recipe.startswith("ycocg | restore(strength=")
    assert compress(pixels, mode="pixel") == compress(pixels, lossless=True) == compress(pixels, 100)
    assert compress(pixels, 80) == compress(pixels, 80, mode="auto") == compress(pixels, 80, mode="wavelet")
    assert "visual=true" in file_info(compress(pixels)).recipe
    assert "visual" not in file_info(compress(pixels, tune="psnr")).recipe
    assert "visual" not in file_info(compress(pixels, psnr=30)).recipe
    with pytest.raises(BadParameter, match="mode is auto, model, wavelet or pixel, not 'jpeg'"):
        compress(pixels, mode="jpeg")
    with pytest.raises(BadParameter, match="no mode with it"):
        compress(pixels, pipeline="predict | ans", mode="wavelet")


@pytest.mark.parametrize("size", [(16, 24), (64, 64), (200, 240)])
@pytest.mark.parametrize(
    "options",
    [
        {"mode": "auto", "quality": 50},
        {"mode": "auto", "quality": 100},
        {"mode": "wavelet"},
        {"mode": "pixel"},
        {"lossless": True},
        {"max_error": 2},
    ],
)
def test_a_model_that_is_named_has_to_be_there(picture, size, options):
    """Whether the picture has a use for it or not; where it has none, the model is not run."""
    for pixels in (picture(*size), picture(*size)[..., 0]):
        with pytest.raises(ModelNotFound, match="no model 'nope'"):
            compress(pixels, model="nope", **options)
    if options != {"mode": "auto", "quality": 50}:  # which tries it
        with CallableVAE(None, lambda latents: 1 / 0, name="there"):
            assert compress(pixels, model="there", **options) == compress(pixels, **options)


def test_a_psnr_is_met():
    """A photo: on waves that a hundred bytes hold, neighbouring steps lie further apart."""
    pixels = np.asarray(Image.open(PICTURES / "lake.png"))[:90, :120]
    for psnr in (30, 41):
        data = compress(pixels, psnr=psnr, mode="auto")
        assert psnr <= measure(pixels, decompress(data))["psnr"] <= psnr + 0.3
    with pytest.raises(BadParameter, match="only one of"):
        compress(pixels, 50, psnr=30)


def test_seen_qualities_are_met():
    pixels = np.asarray(Image.open(PICTURES / "lake.png"))[:200, :240]
    for name, least, most in (("ssimulacra2", 50, 51), ("ssimulacra2", 85, 86), ("ms_ssim", 0.97, 0.9725)):
        got = measure(pixels, decompress(compress(pixels, **{name: least})))[name]
        assert least <= got <= most, name
    with pytest.raises(InvalidArgument, match=r"no step reaches an SSIMULACRA2 of 100\.0, the most is"):
        compress(pixels, ssimulacra2=100, mode="wavelet")
    assert compress(pixels, ssimulacra2=100) == compress(pixels, lossless=True)


@pytest.mark.parametrize("quality", [40, 60, 75, 95])
def test_a_quality_looks_alike_in_all_pictures(quality):
    """About its number up to 85, then what nobody sees."""
    lake = np.asarray(Image.open(PICTURES / "lake.png"))
    for pixels in (lake[100:356, :320], lake[-256:, -320:]):
        data = compress(pixels, quality, mode="wavelet")
        expected = quality if quality < 85 else 91
        assert measure(pixels, decompress(data))["ssimulacra2"] == pytest.approx(expected, abs=5)


def test_sizes_are_met(picture):
    pixels = picture(90, 120)
    for bytes_ in (900, 3000):  # so few bytes come in jumps
        assert 0.93 * bytes_ <= len(compress(pixels, target_bytes=bytes_, mode="wavelet")) <= bytes_


def test_a_size_that_only_the_exact_file_has():
    flat = np.zeros((40, 40), np.uint8)
    exact = compress(flat, lossless=True)
    assert compress(flat, target_bytes=len(exact)) == exact
    with pytest.raises(InvalidArgument, match=f"the least is {len(exact)};"):
        compress(flat, target_bytes=len(exact) - 1)


def test_many_pictures_at_once(picture):
    several = [picture(30, 40), picture(30, 40) // 2, picture(20, 9)]
    files = compress(several, 60, mode="wavelet")
    assert files == [compress(one, 60, mode="wavelet") for one in several]
    assert all(np.abs(a.astype(int) - b).mean() < 8 for a, b in zip(several, decompress(files), strict=True))


@pytest.mark.parametrize("kind", [(), (3,), (4,)])
def test_a_blank_picture_is_exact_at_every_quality(kind):
    """The wavelet coder takes more bytes for it, and is off by a level."""
    pixels = np.full((200, 300, *kind), 77, np.uint8)
    exact = compress(pixels, lossless=True)
    for quality in (5, 50, 75, 99):
        assert compress(pixels, quality) == exact
    deep = np.full((40, 50, *kind), 1234, np.uint16)
    assert compress(deep, 60) == compress(deep, lossless=True)


def patterned() -> np.ndarray:
    """Colours that repeat at a distance, so that the exact file is a quarter of what the quick coder makes."""
    y, x = np.mgrid[:256, :256]
    return np.stack([x * 5, x ^ y, x * 3 + y * 5], -1).astype(np.uint8)


@pytest.mark.parametrize(
    "target", [{"target_bytes": 20000}, {"psnr": 45}, {"ssimulacra2": 90}, {"ms_ssim": 0.9999}, {"quality": 90}]
)
def test_a_generous_target_takes_the_smaller_exact_file(target):
    pixels = patterned()
    exact = compress(pixels, lossless=True)
    assert len(exact) < 5000 and compress(pixels, **target) == exact


def test_a_digest_leaves_the_choice_of_the_coder():
    noise = np.repeat(np.random.default_rng(3).integers(0, 2, (80, 80, 1), np.uint8) * 255, 3, 2)
    plain, told = compress(noise, 30), compress(noise, 30, digest=True)
    assert file_info(told).recipe == file_info(plain).recipe and file_info(plain).lossless
    assert len(told) == len(plain) + 14 and (decompress(told) == noise).all()


def test_small_pictures_of_a_size_are_no_worse_with_more_effort():
    """What the usual effort has beside the coefficients takes a third of so few bytes."""
    photo = np.asarray(Image.open(PICTURES / "lake.png"))
    pixels = np.ascontiguousarray(photo[200:264, 200:264])
    for bytes_ in (71, 90, 120, 400):
        scores = [
            measure(pixels, decompress(compress(pixels, target_bytes=bytes_, mode="wavelet", effort=effort)))
            for effort in (1, 5)
        ]
        assert scores[1]["ssimulacra2"] >= scores[0]["ssimulacra2"]
    strip = np.ascontiguousarray(photo[200:203, :])
    assert len(compress(strip, target_bytes=80, mode="wavelet")) <= 80


def test_an_ms_ssim_of_one_is_one_or_an_error():
    pixels = np.asarray(Image.open(PICTURES / "lake.png").convert("L"))[100:228, 100:228]
    try:
        data = compress(pixels, ms_ssim=1.0, mode="wavelet", tune="psnr")
    except InvalidArgument:
        return
    assert measure(pixels, decompress(data))["ms_ssim"] == 1.0
