"""Graphics: the flat coder's files, alone, on the dial, in part and damaged."""

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from vaerans_ecs import compress, compress_stream, decompress, decompress_part, file_info, measure

PICTURES = Path(__file__).parents[3] / "examples" / "pictures"


def drawing(height, width, seed=3):
    """Letters of noise on a ground, again and again, in few colours."""
    random = np.random.default_rng(seed)
    colors = random.integers(0, 256, (4, 3), dtype=np.uint8)
    letters = random.integers(0, 4, (5, 9, 7)) * (random.random((5, 9, 7)) < 0.5)
    page = np.zeros((height + 12, width + 9), int)
    for y in range(0, height, 12):
        for x in range(0, width, 9):
            page[y : y + 9, x : x + 7] = letters[random.integers(5)]
    return colors[page[:height, :width]]


def smoothed(image):
    """As text is: edges are mixed."""
    wide = image.astype(int)
    return ((wide + np.roll(wide, 1, 1)) // 2).astype(np.uint8)


@pytest.mark.parametrize("shape", [(1, 300), (300, 1), (60, 90), (7, 5)])
def test_graphics_come_back(shape):
    for image in (drawing(*shape), smoothed(drawing(*shape)), drawing(*shape)[..., :1].repeat(3, 2)):
        data = compress(image, lossless=True)
        np.testing.assert_array_equal(decompress(data), image)
        assert file_info(data).lossless


def test_grey_and_alpha_of_graphics():
    image = drawing(90, 120)
    alpha = np.where(image[..., :1] > 99, 255, 0).astype(np.uint8)
    for picture in (image[..., 0], np.concatenate([image, alpha], 2)):
        np.testing.assert_array_equal(decompress(compress(picture, lossless=True)), picture)


def test_repeats_are_found():
    image = drawing(240, 360)
    data = compress(image, lossless=True)
    assert len(data) < image.size / 60
    assert compress(image, lossless=True, threads=2) == data


def test_a_photo_in_a_graphic_costs_what_it_costs_alone(picture):
    image, photo = drawing(240, 360), picture(128, 128, 4)
    plain, alone = len(compress(image, lossless=True)), len(compress(photo, lossless=True))
    image[64:192, 100:228] = photo
    data = compress(image, lossless=True)
    np.testing.assert_array_equal(decompress(data), image)
    assert len(data) < 1.05 * (plain + alone) + 2000


def test_a_larger_error_never_makes_a_larger_file():
    image = smoothed(drawing(100, 130))
    exact = len(compress(image, lossless=True))
    for bound in (1, 2, 5):
        data = compress(image, max_error=bound)
        assert len(data) <= exact + 1
        assert np.abs(decompress(data).astype(int) - image).max() <= bound


def test_a_photo_beside_a_flat_ground_gains_by_its_error():
    """Moved samples repeat more than the picture does: it is still for the coder of photos."""
    photo = np.asarray(Image.open(PICTURES / "lake.png"))[100:250, :200].copy()
    for ground in (134, 180):
        photo[:, :ground] = 240
        sizes = [len(compress(photo, lossless=True)), *(len(compress(photo, max_error=e)) for e in (1, 2, 5, 10))]
        assert all(1.15 * less < more for more, less in itertools.pairwise(sizes)), sizes
        rows = io.BytesIO()
        compress_stream([photo], rows, photo.shape, max_error=5)
        assert sizes[3] <= len(rows.getvalue())


@pytest.mark.parametrize("quality", [60, 80, 90, 95, 99])
def test_text_is_not_blurred_where_exact_is_smaller(quality):
    image = smoothed(drawing(120, 180))
    exact = compress(image, lossless=True)
    data = compress(image, quality=quality)
    assert len(data) <= len(exact)
    lossy = compress(image, quality=quality, mode="wavelet")
    assert (data == exact) == (len(exact) <= len(lossy))
    assert quality < 80 or data == exact


def test_targets_take_the_exact_file(picture):
    image = drawing(120, 180)
    exact = compress(image, lossless=True)
    assert compress(image, target_bytes=len(exact)) == exact
    assert compress(image, psnr=45) == exact
    photo = picture(120, 180, 1)
    assert measure(photo, decompress(compress(photo, quality=90)))["psnr"] < 70


def test_regions_and_damage_cost_one_tile():
    image = drawing(60, 4200)
    data = compress(image, lossless=True)
    region = (3000, 8, 200, 40)
    np.testing.assert_array_equal(decompress(data, region=region), image[8:48, 3000:3200])
    damaged = bytearray(data)
    damaged[-60] ^= 255  # in the second tile
    part = decompress_part(bytes(damaged), allow_partial=True)
    assert part.missing and part.problems
    np.testing.assert_array_equal(part.image[:, :2000], image[:, :2000])


@pytest.mark.parametrize("channels", [1, 3])
def test_a_smooth_photo_is_no_graphic(channels):
    """Rows are always coded as photos; the whole takes no more, though most of its pixels repeat."""
    y, x = np.indices((200, 300))
    grain = np.random.default_rng(2).random((200, 300)) < 0.06
    light = 90 + (x + y) / 7 + 20 * np.sin(x / 40) * np.cos(y / 50) + grain
    sky = np.repeat(light.astype(np.uint8)[..., None], channels, axis=2)
    sky = sky[..., 0] if channels == 1 else sky + np.arange(3, dtype=np.uint8)
    repeats = (sky[:, 1:] == sky[:, :-1]).reshape(200, 299, -1).all(2)
    assert repeats.mean() > 0.6
    rows = io.BytesIO()
    compress_stream(sky, rows, shape=sky.shape)
    data = compress(sky, lossless=True)
    assert len(data) <= len(rows.getvalue())
    np.testing.assert_array_equal(decompress(data), sky)
