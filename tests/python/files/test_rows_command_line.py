"""`vaerans compress --stream` and `decompress --stream`: raw pictures, row by row."""

from __future__ import annotations

import numpy as np
import pytest
import vaerans_ecs as v

from .row_samples import picture, run


@pytest.mark.parametrize(
    ("channels", "dtype", "suffix"), [(3, "uint8", "ppm"), (1, "uint16", "pgm"), (4, "uint8", "pam")]
)
def test_the_command_line_streams_both_ways(tmp_path, channels, dtype, suffix):
    image = picture(channels, dtype)
    v.save(tmp_path / "whole.vrs", image, lossless=True)
    run("decompress", tmp_path / "whole.vrs", "-o", tmp_path / f"source.{suffix}")
    raw = (tmp_path / f"source.{suffix}").read_bytes()
    packed = run("compress", "--stream", "--lossless", "-", "-o", "-", stdin=raw).stdout
    np.testing.assert_array_equal(v.decompress(packed), image)
    if dtype == "uint8":
        assert packed == (tmp_path / "whole.vrs").read_bytes()
    assert run("decompress", "--stream", "-", "-o", "-", "--format", suffix, stdin=packed).stdout == raw
    run("compress", "--stream", "--lossless", tmp_path / f"source.{suffix}", "-o", tmp_path / "again.vrs")
    run("decompress", "--stream", tmp_path / "again.vrs", "-o", tmp_path / "again.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "again.npy"), image)


def test_the_command_line_streams_at_any_effort(tmp_path):
    image = picture(3)
    v.save(tmp_path / "whole.vrs", image, lossless=True)
    run("decompress", tmp_path / "whole.vrs", "-o", tmp_path / "source.ppm")
    for effort in (1, 9):
        packed = tmp_path / f"{effort}.vrs"
        run("compress", "--stream", "--lossless", "-e", effort, tmp_path / "source.ppm", "-o", packed)
        assert packed.read_bytes() == v.compress(image, lossless=True, effort=effort)
        run("decompress", "--stream", packed, "-o", tmp_path / f"{effort}.npy")
        np.testing.assert_array_equal(np.load(tmp_path / f"{effort}.npy"), image)
    refused = run("compress", "--stream", "--lossless", "-e", 10, tmp_path / "source.ppm", "-o", "-", code=2).stderr
    assert b"effort is 1 to 9, not 10" in refused
    little = ("--max-memory", "40M", "-e", 9)
    full = run("compress", "--stream", "--lossless", *little, tmp_path / "source.ppm", "-o", "-", code=3).stderr
    assert b"limit_exceeded" in full and b"--max-memory" in full


def test_the_command_line_says_what_does_not_stream(tmp_path):
    raw = b"P6\n4 4\n255\n" + bytes(48)
    assert b"--stream goes with --lossless" in run("compress", "--stream", "-", "-o", "-", stdin=raw, code=2).stderr
    png = b"\x89PNG\r\n\x1a\n" + bytes(50)
    assert b"no raw PGM" in run("compress", "--stream", "--lossless", "-", "-o", "-", stdin=png, code=3).stderr
    cut = run("compress", "--stream", "--lossless", "-", "-o", "-", stdin=raw[:-1], code=3)
    assert b"pixels end too early" in cut.stderr and cut.stdout == b""
    packed = run("compress", "--stream", "--lossless", "-", "-o", "-", stdin=raw).stdout
    assert b"only .ppm" in run("decompress", "--stream", "-", "-o", "-", stdin=packed, code=2).stderr
