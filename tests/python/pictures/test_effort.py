"""compress(effort=): more time for smaller files of the same quality, which the same decoder reads."""

from itertools import pairwise

import numpy as np
import pytest
from vaerans_ecs import BadParameter, compress, decompress, file_info, measure, models
from vaerans_ecs.systems import Predict, QuantizeBands


def test_lossless_files_are_never_larger_at_more_effort(picture):
    image = picture(70, 90)
    sizes = []
    for effort in range(1, 10):
        data = compress(image, lossless=True, effort=effort)
        np.testing.assert_array_equal(decompress(data), image)
        sizes.append(len(data))
    assert sizes == sorted(sizes, reverse=True)
    assert compress(image, lossless=True) == compress(image, lossless=True, effort=5)


@pytest.mark.parametrize("kind", ["grey", "alpha", "deep"])
def test_every_kind_of_picture_takes_any_effort(picture, kind):
    rgb = picture(40, 50)
    image = {
        "grey": rgb[:, :, 0].copy(),
        "alpha": np.dstack([rgb, rgb[:, :, 1]]),
        "deep": rgb.astype(np.uint16) * 257,
    }[kind]
    sizes = []
    for effort in (1, 5, 9):
        data = compress(image, lossless=True, effort=effort)
        np.testing.assert_array_equal(decompress(data), image)
        sizes.append(len(data))
    assert sizes == sorted(sizes, reverse=True)


def test_bounds_hold_at_every_effort(picture):
    image = picture(60, 60)
    sizes = []
    for effort in (1, 8, 9):
        data = compress(image, max_error=2, effort=effort)
        assert np.abs(decompress(data).astype(int) - image).max() <= 2
        sizes.append(len(data))
    assert sizes == sorted(sizes, reverse=True)


def test_more_effort_is_not_worse_at_equal_bytes(picture):
    image = picture(96, 96)
    scores = []
    for effort in (1, 5, 9):
        data = compress(image, target_bytes=3000, mode="wavelet", tune="psnr", effort=effort)
        assert len(data) <= 3000
        scores.append(measure(image, decompress(data))["psnr"])
    assert all(b >= a - 0.02 for a, b in pairwise(scores))


def test_low_efforts_take_the_model_of_quicker_encoding(picture):
    image = picture(64, 64)

    def model_of(**options):
        return file_info(compress(image, mode="model", **options)).model

    assert {model_of(effort=effort) for effort in (1, 4)} == {models.QUICK_MODEL} == {"photo-f8c32"}
    assert {model_of(effort=5), model_of()} == {models.DEFAULT_MODEL} == {"photo-f8c64"}
    assert model_of(effort=1, model="photo-f8c4") == "photo-f8c4"


@pytest.mark.parametrize("effort", [0, 10, -1])
def test_efforts_that_are_none(picture, effort):
    with pytest.raises(BadParameter, match=f"effort is 1 to 9, not {effort}"):
        compress(picture(8, 8), effort=effort)
    for system in (Predict, QuantizeBands):
        with pytest.raises(BadParameter, match="effort"):
            system(effort=effort)


def test_recipes_take_an_effort(picture):
    image = picture(40, 40)
    by_recipe = compress(image, pipeline="predict(effort=9) | ans(coder=mixing)")
    assert by_recipe == compress(image, lossless=True, effort=9)


def test_fine_steps_are_not_refined(picture):
    """Above two bits a pixel other coders are far ahead, and each turn would take seconds."""
    pixels = picture(64, 64)
    plain = compress(pixels, step=0.02, mode="model", effort=5)
    assert 8 * len(plain) > 2 * 64 * 64
    assert compress(pixels, step=0.02, mode="model", effort=6) == plain
