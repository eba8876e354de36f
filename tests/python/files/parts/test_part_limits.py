"""Parts and rows hold what stands beside the pixels against Limits, too."""

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs import errors


def test_metadata_are_held_against_the_memory(tmp_path):
    """Packed zeros: 60 kB that become 60 MB."""
    pixels = np.random.default_rng(2).integers(0, 256, (64, 1700, 3), np.uint8)
    data = v.compress(pixels, lossless=True, xmp=bytes(60 << 20))
    path = tmp_path / "a.vrs"
    path.write_bytes(data)
    assert len(data) < 500_000 and v.RowReader(path).rows_left == 64
    little = v.Context(limits=v.Limits(max_memory=32 << 20))
    for read in (
        lambda: v.RowReader(path, context=little),
        lambda: v.decompress(data, region=(0, 0, 8, 8), context=little),
        lambda: v.decompress_part(data, region=(0, 0, 8, 8), context=little),
        lambda: v.decompress(data, context=little),
    ):
        with pytest.raises(errors.LimitExceeded, match="metadata of 62914560 bytes, over the limit of 33554432"):
            read()
