"""mode= and psnr=: which coder makes a file, and targets that it meets."""

import numpy as np
import pytest
from vaerans_ecs import BadParameter, compress, decompress, file_info, measure


def test_modes(picture):
    pixels = picture(40, 50)
    assert file_info(compress(pixels, mode="wavelet")).recipe.startswith(
        "ycocg | cdf97(levels=6) | quantize_bands(step="
    )
    assert compress(pixels, mode="pixel") == compress(pixels, lossless=True) == compress(pixels, 100, mode="auto")
    assert compress(pixels, 80, mode="auto") == compress(pixels, 80, mode="wavelet")
    with pytest.raises(BadParameter, match="mode is auto, model, wavelet or pixel, not 'jpeg'"):
        compress(pixels, mode="jpeg")
    with pytest.raises(BadParameter, match="no mode with it"):
        compress(pixels, pipeline="predict | ans", mode="wavelet")


def test_a_psnr_is_met(picture):
    pixels = picture(90, 120)
    for psnr in (30, 41):
        data = compress(pixels, psnr=psnr, mode="auto")
        assert psnr <= measure(pixels, decompress(data))["psnr"] <= psnr + 0.3
    with pytest.raises(BadParameter, match="only one of"):
        compress(pixels, 50, psnr=30)


def test_sizes_are_met(picture):
    pixels = picture(90, 120)
    for bytes_ in (900, 3000):  # so few bytes come in jumps
        assert 0.93 * bytes_ <= len(compress(pixels, target_bytes=bytes_, mode="wavelet")) <= bytes_


def test_many_pictures_at_once(picture):
    several = [picture(30, 40), picture(30, 40) // 2, picture(20, 9)]
    files = compress(several, 60, mode="wavelet")
    assert files == [compress(one, 60, mode="wavelet") for one in several]
    assert all(np.abs(a.astype(int) - b).mean() < 8 for a, b in zip(several, decompress(files), strict=True))
