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
    assert vaerans.decompress(lossless, context=limited(1 << 20)).shape == (64, 96, 3)
    with pytest.raises(vaerans.VaeransError, match="bytes of memory, over the limit of 20000") as refused:
        vaerans.decompress(lossless, context=limited(20000))
    assert refused.value.code == "limit_exceeded"


def test_one_file_over_the_limit_costs_the_others_nothing(lossless):
    small = vaerans.compress(np.zeros((8, 8, 3), np.uint8), lossless=True)
    context = limited(20000)
    context.on_error = "collect"
    pictures = vaerans.decompress([small, lossless, small], context=context)
    assert [isinstance(picture, LimitExceeded) for picture in pictures] == [False, True, False]
    np.testing.assert_array_equal(pictures[2], np.zeros((8, 8, 3), np.uint8))


def least_memory(data):
    """The least that max_memory may be for the file to be decoded, to 1 kB."""
    low, high = 0, 1 << 26
    while high - low > 1024:
        middle = (low + high) // 2
        try:
            vaerans.decompress(data, context=limited(middle))
            high = middle
        except LimitExceeded:
            low = middle
    return high


@pytest.mark.parametrize("dependent", ["false", "true"])
def test_bands_count_with_all_that_their_coder_holds(dependent):
    """For each coefficient an index of four bytes and a plane of five, and symbols."""
    picture = np.random.default_rng(3).integers(0, 256, (128, 160, 3), dtype=np.uint8)
    chain = f"ycocg | cdf97 | quantize_bands(step=60, dependent={dependent}) | ans(coder=mixing)"
    assert least_memory(vaerans.compress(picture, pipeline=chain)) >= picture.size * (4 + 5 + 1)
