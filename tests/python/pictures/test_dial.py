"""mode= and psnr=: which coder makes a file, and targets that it meets."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from vaerans_ecs import BadParameter, compress, decompress, file_info, measure
from vaerans_ecs.errors import InvalidArgument

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
