"""Pictures that once were read wrongly. They are not part of the project: without them these tests are skipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

FAULTS = Path(__file__).resolve().parents[4] / "shared" / "faults"


@pytest.fixture
def fault(cli):
    def copy(name: str) -> str:
        if not (FAULTS / name).is_file():
            pytest.skip(f"{name} is not in shared/faults, the collection of faulty inputs, beside the checkout")
        cli.path(name).write_bytes((FAULTS / name).read_bytes())
        return name

    return copy


def error_of(cli, name: str, *options: str) -> str:
    refused = cli("compress", name, "-o", "x.vrs", *options, code=3)
    assert cli.files() == {name}
    return refused.err


def pixels_of(cli, name: str, *options: str) -> np.ndarray:
    cli("compress", name, "--lossless", "-o", "kept.vrs", "--force", *options)
    cli("decompress", "kept.vrs", "-o", "kept.png", "--force")
    return np.asarray(Image.open(cli.path("kept.png")))


def test_a_palette_in_jpeg_2000_is_refused(cli, fault, photo):
    fault("palette.jp2")
    refused = cli("compress", "photo.png", "palette.jp2", "--convert", "-o", "out/", code=1)
    assert refused.err == "vaerans: error[image_unsupported]: palette.jp2: a JPEG 2000 picture with a palette\n"
    assert "out/photo.vrs" in cli.files()


def test_a_broken_tile_is_an_error_every_time(cli, fault):
    fault("tiled-cut1.jp2")
    for _ in range(10):
        assert "error[image_unreadable]" in error_of(cli, "tiled-cut1.jp2", "--convert", "--lossless")


def test_a_broken_frame_is_an_error(cli, fault):
    fault("bad-frame.gif")
    assert "error[image_unreadable]" in error_of(cli, "bad-frame.gif")
    cli("compress", "bad-frame.gif", "--convert", "--tolerant", "-o", "x.vrs")


@pytest.mark.parametrize("name", ["ycbcr-none.tif", "ycbcr-lzw.tif"])
def test_ycbcr_without_jpeg_is_refused(cli, fault, name):
    assert "error[image_unsupported]" in error_of(cli, fault(name), "--convert")


@pytest.mark.parametrize("name", ["maxval1.ppm", "maxval1023.pgm"])
def test_the_maximum_is_white(cli, fault, name):
    assert np.all(pixels_of(cli, fault(name), "--convert")[-1, -1] == 255)


def test_a_bitmap_without_spaces(cli, fault):
    name = fault("plain-nospace.pbm")
    right = np.asarray(Image.open(cli.path(name)).convert("RGB"))
    assert np.array_equal(pixels_of(cli, name, "--convert"), right)


def test_an_ordinary_jpeg_2000(cli, fault):
    name = fault("pillow.jp2")
    assert np.array_equal(pixels_of(cli, name), np.asarray(Image.open(cli.path(name)).convert("RGB")))


def test_dark_tones_of_a_linear_picture_stay_apart(cli, fault):
    """A linear 16-bit picture: cut to 8 bits before its profile is applied, it keeps 20 of its 75 dark tones."""
    pixels = pixels_of(cli, fault("linear16.png"), "--convert")
    assert len(np.unique(pixels[pixels < 80])) > 60


def test_an_error_names_its_own_reason(cli, fault):
    fault("good.avif")
    fault("cut.png")
    refused = cli("compress", "good.avif", "cut.png", "-o", "out/", code=1)
    assert refused.err == (
        "vaerans: error[image_unreadable]: cut.png: damaged or cut short (vipspng: libpng read error)\n"
    )


def test_an_animated_png_is_refused(cli, fault):
    assert "4 pages or frames" in error_of(cli, fault("anim.png"))
    first = np.asarray(Image.open(cli.path("anim.png")).convert("RGB"))
    assert np.array_equal(pixels_of(cli, "anim.png", "--convert"), first)
