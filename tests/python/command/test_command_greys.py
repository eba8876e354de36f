"""Greys with a profile of greys: they stay grey, by the profile's curve where that is none like sRGB's."""

import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs as v
from PIL import Image
from vaerans_ecs.cli.run import main

from .both_commands import PROGRAM

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not there: ./dev build")


def profile(gamma):
    """A profile of greys (ICC.1:2001): the white of D50, and one power."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    tags = ((b"kTRC", curve), (b"wtpt", white))
    table, body, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, content in tags:
        table += struct.pack(">4sII", name, at + len(body), len(content))
        body += content
    head = bytearray(128)
    head[:4] = struct.pack(">I", at + len(body))
    head[8:12], head[12:16], head[16:20], head[20:24] = b"\2\x10\0\0", b"mntr", b"GRAY", b"XYZ "
    head[36:40] = b"acsp"
    head[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    return bytes(head) + table + body


def by_curve(samples, gamma, most):
    light = (samples / most) ** gamma
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) * most


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return np.random.default_rng(4).integers(0, 256, (40, 60), np.uint8)


def compressed(capsys, name):
    """The pictures that the program, the package's command and the library make of a file.

    The program's profiles, by libvips, have sRGB's curve as a table: the darkest greys of a linear one are 10 off.
    """
    assert main(["compress", name, "-f", "-o", "ours.vrs", "--lossless"]) == 0, capsys.readouterr().err
    subprocess.run([PROGRAM, "compress", name, "-f", "-o", "theirs.vrs", "--lossless"], check=True, capture_output=True)
    v.save("library.vrs", Path(name), lossless=True, force=True)
    files = ("theirs.vrs", "ours.vrs", "library.vrs")
    assert [v.file_metadata(file).icc for file in files] == [b""] * 3
    return [v.decompress(file) for file in files]


@pytest.mark.parametrize("suffix", ["png", "tif", "jpg"])
def test_gamma_2_2_changes_nothing(here, capsys, suffix):
    Image.fromarray(here).save(f"g.{suffix}", icc_profile=profile(2.2))
    for back in compressed(capsys, f"g.{suffix}"):
        np.testing.assert_array_equal(back, np.asarray(Image.open(f"g.{suffix}")))


@pytest.mark.parametrize("gamma", [1.0, 461 / 256])
def test_another_curve_is_applied_to_the_greys(here, capsys, gamma):
    Image.fromarray(here).save("g.png", icc_profile=profile(gamma))
    for most, back in zip((10, 1.01, 1.01), compressed(capsys, "g.png"), strict=True):
        assert back.shape == here.shape and np.abs(back - by_curve(here, gamma, 255)).max() < most
    deep = here.astype(np.uint16) * 257 + 99
    Image.fromarray(deep).save("d.png", icc_profile=profile(gamma))
    for most, back in zip((10 * 257, 1.01, 1.01), compressed(capsys, "d.png"), strict=True):
        assert back.dtype == np.uint16 and np.abs(back - by_curve(deep, gamma, 65535)).max() < most


def test_alpha_stays(here, capsys):
    both = np.dstack([here, 255 - here])
    Image.fromarray(both).save("la.png", icc_profile=profile(1.8))
    for back in compressed(capsys, "la.png"):
        np.testing.assert_array_equal(back[..., 1], both[..., 1])
        assert np.abs(back[..., 0] - by_curve(here, 1.8, 255)).max() < 1.5


def test_a_broken_profile_leaves_the_greys(here, capsys):
    Image.fromarray(here).save("g.png", icc_profile=profile(1.0)[:150])
    for back in compressed(capsys, "g.png"):
        np.testing.assert_array_equal(back, here)
