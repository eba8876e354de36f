"""--lossless on the Kodak photos: encoded by one process, decoded by another, equal to the last bit."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

KODAK = Path(__file__).resolve().parents[4] / "shared" / "kodak"
MISSING = "the 24 Kodak photos (kodim01.png … kodim24.png) are not in shared/kodak beside the checkout"
pytestmark = pytest.mark.skipif(not KODAK.is_dir(), reason=MISSING)


def check(cli, folder, paths):
    cli("compress", "--model", "photo-f8c4", "--lossless", *paths, "-o", f"{folder}/")
    cli("decompress", *(folder / f"{path.stem}.vrs" for path in paths), "-o", f"{folder}/")
    for path in paths:
        np.testing.assert_array_equal(np.asarray(Image.open(folder / path.name)), np.asarray(Image.open(path)))


def test_photos_of_both_shapes(cli, tmp_path):
    check(cli, tmp_path, [KODAK / f"kodim{n:02}.png" for n in (3, 4, 8)])


@pytest.mark.long
def test_all_photos(cli, tmp_path):
    check(cli, tmp_path, sorted(KODAK.glob("*.png")))
