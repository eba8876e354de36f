"""What a file asks for is told before it is decoded: no memory is taken for what cannot succeed."""

from __future__ import annotations

import numpy as np
import pytest
import vaerans_ecs as vaerans
from vaerans_ecs.errors import LimitExceeded


@pytest.fixture
def lossless():
    picture = np.random.default_rng(3).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    return vaerans.compress(picture, lossless=True)


def limited(max_memory):
    limits = vaerans.Limits()
    limits.max_memory = max_memory
    return vaerans.Context(limits=limits)


def test_memory_over_the_limit_is_refused_by_the_step_that_needs_it(lossless):
    assert vaerans.decompress(lossless, context=limited(8 << 20)).shape == (64, 96, 3)
    with pytest.raises(vaerans.VaeransError, match="bytes of memory, over the limit of 20000") as refused:
        vaerans.decompress(lossless, context=limited(20000))
    assert refused.value.code == "limit_exceeded"


def test_one_file_over_the_limit_costs_the_others_nothing(lossless):
    large = vaerans.compress(np.zeros((1000, 1000, 3), np.uint8), lossless=True)
    context = limited(8 << 20)
    context.on_error = "collect"
    pictures = vaerans.decompress([lossless, large, lossless], context=context)
    assert [isinstance(picture, LimitExceeded) for picture in pictures] == [False, True, False]
    np.testing.assert_array_equal(pictures[2], vaerans.decompress(lossless))


def least_memory(data, within=1 << 10):
    """The least that max_memory may be for the file to be decoded, to so many bytes."""
    low, high = 0, 1 << 26
    while high - low > within:
        middle = (low + high) // 2
        try:
            vaerans.decompress(data, context=limited(middle))
            high = middle
        except LimitExceeded:
            low = middle
    return high


@pytest.mark.parametrize("options", [{}, {"effort": 1}, {"effort": 9}, {"max_error": 2}])
def test_tiles_take_fewer_threads_where_memory_is_short(options):
    """Three of them: each thread has a model, of 1.5 MB (effort 1) to 24 MB (effort 9), and 4 to 24 bytes a pixel."""
    rows, columns = np.mgrid[0:300, 0:1300]
    noise = np.random.default_rng(3).integers(0, 9, rows.shape)
    picture = np.stack([rows, columns // 8, rows + noise], -1).astype(np.uint8)
    data = vaerans.compress(picture, lossless="max_error" not in options, **options)
    least = least_memory(data, within=1 << 19)
    assert 2 * picture.size + (1 << 20) < least < 2 * picture.size + (32 << 20)
    one = vaerans.decompress(data, context=limited(least))
    np.testing.assert_array_equal(one, vaerans.decompress(data))


@pytest.mark.parametrize("layer", [{}, {"residual": "lossless"}])
def test_alpha_counts_beside_the_colours(layer):
    """It is decoded first, and stays."""
    picture = np.random.default_rng(3).integers(0, 256, (128, 160, 4), dtype=np.uint8)
    chain = {"pipeline": "ycocg | cdf97 | quantize_bands(step=60) | ans(coder=mixing)", **layer}
    colours = least_memory(vaerans.compress(np.ascontiguousarray(picture[..., :3]), **chain), within=1)
    assert least_memory(vaerans.compress(picture, **chain), within=1) == colours + picture[..., 3].size


@pytest.mark.parametrize("dependent", ["false", "true"])
def test_bands_count_with_all_that_their_coder_holds(dependent):
    """For each coefficient an index of four bytes and a plane of five, and symbols."""
    picture = np.random.default_rng(3).integers(0, 256, (128, 160, 3), dtype=np.uint8)
    chain = f"ycocg | cdf97 | quantize_bands(step=60, dependent={dependent}) | ans(coder=mixing)"
    assert least_memory(vaerans.compress(picture, pipeline=chain)) >= picture.size * (4 + 5 + 1)
