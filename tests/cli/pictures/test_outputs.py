"""What `decompress` writes: every format is read by somebody else and has the right pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def pixels(cli, smooth) -> np.ndarray:
    rgb = smooth(37, 53)
    Image.fromarray(rgb).save(cli.path("photo.png"))
    cli("compress", "photo.png", "--lossless", "-o", "photo.vrs")
    return rgb


@pytest.mark.parametrize("suffix", ["png", "tif", "tiff", "webp", "ppm", "pnm", "jp2"])
def test_formats_without_loss(cli, pixels, suffix):
    cli("decompress", "photo.vrs", "-o", f"back.{suffix}")
    assert np.array_equal(np.asarray(Image.open(cli.path(f"back.{suffix}"))), pixels)


def test_npy(cli, pixels):
    cli("decompress", "photo.vrs", "-o", "back.npy")
    back = np.load(cli.path("back.npy"))
    assert back.dtype == np.uint8 and np.array_equal(back, pixels)
    data = cli.path("back.npy").read_bytes()
    assert (len(data) - pixels.size) % 64 == 0, "NumPy aligns the data"
    assert cli("decompress", "photo.vrs", "--format", "npy", "-o", "-").out == data


def test_pam(cli, pixels):
    cli("decompress", "photo.vrs", "-o", "back.pam")
    head, _, raster = cli.path("back.pam").read_bytes().partition(b"ENDHDR\n")
    assert head.split() == b"P7 WIDTH 53 HEIGHT 37 DEPTH 3 MAXVAL 255 TUPLTYPE RGB".split()
    assert raster == pixels.tobytes()


@pytest.mark.parametrize("suffix", ["ppm", "pam", "png", "tif", "webp", "jp2"])
def test_what_is_written_is_read_again(cli, pixels, suffix):
    cli("decompress", "photo.vrs", "-o", f"back.{suffix}")
    cli("compress", f"back.{suffix}", "--lossless", "-o", "again.vrs")
    cli("decompress", "again.vrs", "-o", "again.npy")
    assert np.array_equal(np.load(cli.path("again.npy")), pixels)


@pytest.mark.parametrize("suffix", ["jpg", "webp", "avif", "jp2"])
def test_output_quality(cli, pixels, psnr, suffix):
    name, sizes, fidelity = f"back.{suffix}", [], []
    for quality in (20, 60, 95):
        cli("decompress", "photo.vrs", "-f", "-o", name, "--output-quality", quality)
        sizes.append(cli.path(name).stat().st_size)
        fidelity.append(psnr(cli.path(name), pixels))
    assert sizes == sorted(sizes) and sizes[0] < sizes[2]
    assert fidelity == sorted(fidelity) and 20 < fidelity[0] < fidelity[2] < 70


def test_a_quality_that_makes_no_sense(cli, pixels):
    for suffix in ("png", "tif", "ppm", "npy"):
        refused = cli("decompress", "photo.vrs", "-o", f"back.{suffix}", "--output-quality", 80, code=2).err
        assert "without loss and takes no quality" in refused
    for quality in (0, 101, -5):
        refused = cli("decompress", "photo.vrs", "-o", "back.jpg", "--output-quality", quality, code=2).err
        assert f"1 to 100, not {quality}" in refused
    assert cli.files() == {"photo.png", "photo.vrs"}


def test_a_link_to_what_is_not_there_yet_is_followed(cli, pixels):
    cli.path("folder").mkdir()
    cli.path("link.npy").symlink_to("folder/target.npy")
    cli("decompress", "photo.vrs", "-f", "-o", "link.npy")
    assert cli.path("link.npy").is_symlink() and np.array_equal(np.load(cli.path("folder/target.npy")), pixels)


def test_rows_in_another_format_are_wrong_usage(cli):
    told = cli("decompress", "--stream", "photo.vrs", "-o", "back.png", code=2).err
    assert ".png: only .ppm, .pgm, .pnm, .pam and .npy are written row by row" in told
