"""Large pictures of few bytes: what is written is read, with the limits that everybody has."""

from __future__ import annotations

import io

import numpy as np
import pytest
import vaerans_ecs as v

SIDE = 4500  # 20 megapixels: a reader wants 850 bytes for them


@pytest.fixture(scope="module")
def flat():
    return np.full((SIDE, SIDE), 200, np.uint8)


@pytest.fixture(scope="module")
def file(flat):
    return v.compress(flat, lossless=True)


def test_files_are_padded_to_what_readers_take(flat, file):
    assert 850 < len(file) < 1200
    assert "vaerans.padding" in [chunk.name for chunk in v.file_info(file).chunks]
    np.testing.assert_array_equal(v.decompress(file), flat)
    np.testing.assert_array_equal(v.decompress(v.strip(file)), flat)


def test_rows_give_the_same_file(flat, file):
    out = io.BytesIO()
    v.compress_stream((flat[top : top + 500] for top in range(0, SIDE, 500)), out, flat.shape)
    assert out.getvalue() == file


def test_lossy_rows_are_read_too(flat):
    out = io.BytesIO()
    v.compress_stream([flat], out, flat.shape, quality=30)
    assert np.abs(v.decompress(out.getvalue()).astype(int) - 200).max() <= 2


def test_a_target_that_padding_exceeds_is_refused(flat):
    with pytest.raises(v.VaeransError):
        v.compress(flat, target_bytes=500)


@pytest.mark.parametrize("how", [{"lossless": True}, {"mode": "wavelet", "quality": 60}], ids=str)
def test_flat_parts_of_a_busy_file(flat, how):
    """The file has enough bytes for its pixels, its flat part alone has not."""
    image = flat.copy()
    image[-200:] = np.random.default_rng(1).integers(0, 256, (200, SIDE))
    file = v.compress(image, **how)
    strict = v.Context(limits=v.Limits(max_pixels_per_byte=200))
    whole = v.decompress(file, context=strict)
    part = v.decompress(file, region=(0, 0, SIDE, 4000), context=strict)
    np.testing.assert_array_equal(part, whole[:4000])


@pytest.mark.parametrize("how", [{"lossless": True}, {"mode": "wavelet"}], ids=str)
def test_parts_are_held_against_the_memory_that_is_allowed(how):
    image = np.random.default_rng(1).integers(0, 256, (2048, 2048, 3), np.uint8)
    file = v.compress(image, **how)
    few = v.Context(limits=v.Limits(max_memory=8 << 20))
    with pytest.raises(v.errors.LimitExceeded, match="max_memory"):
        v.decompress(file, region=(0, 0, 2048, 2040), context=few)
    enough = v.decompress(file, region=(3, 5, 2045, 2040))
    np.testing.assert_array_equal(enough, v.decompress(file)[5:2045, 3:])
