"""Graphics row by row: which coder a picture is for turns out while it comes."""

from __future__ import annotations

import numpy as np
import pytest
import vaerans_ecs as v

from ..pictures.test_graphics import drawing
from .row_samples import picture, streamed


@pytest.mark.parametrize("how", [{}, {"effort": 1}, {"max_error": 2}])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_graphics_are_known_as_they_come(how, channels):
    """Below a blank margin, which may be of anything."""
    page = np.full((700, 600, 4), 255, np.uint8)
    page[550:690, 20:580, :3] = drawing(140, 560)
    image = page[..., 0] if channels == 1 else page[..., :channels]
    whole = v.compress(image, lossless="max_error" not in how, **how)
    assert streamed(image, **how) == whole
    np.testing.assert_array_equal(v.decompress(whole), image)


def test_a_graphic_below_a_photo_comes_back_too():
    image = np.vstack([picture(3)[:200, :300], drawing(600, 300)])
    data = streamed(image)
    np.testing.assert_array_equal(v.decompress(data), image)
    np.testing.assert_array_equal(np.concatenate(list(v.RowReader(data))), image)


def test_a_photo_below_a_graphic_is_a_window_in_it():
    image = np.vstack([drawing(900, 300), picture(3)[:100, :300]])
    data = streamed(image)
    np.testing.assert_array_equal(v.decompress(data), image)
    assert len(data) < 1.05 * len(v.compress(image, lossless=True))


def test_wide_graphics_have_lower_tiles():
    image = np.tile(drawing(1100, 500), (1, 21, 1))
    data = streamed(image, effort=1)
    assert [c.name for c in v.file_info(data).chunks] == ["header", "tiles", "base"]
    part = v.decompress_part(data, (3000, 1000, 400, 90))
    np.testing.assert_array_equal(part.image, image[1000:1090, 3000:3400])
    assert part.bytes_read < len(data) / 10, "of about forty tiles"
    assert len(data) < image.size / 60
