"""vaerans verify, vaerans strip, and the chunks in vaerans info."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image, ImageCms

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tagged(cli, smooth) -> bytes:
    """photo.vrs with a profile."""
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(smooth(24, 40)).save(cli.path("photo.png"), icc_profile=icc)
    cli("compress", "photo.png", "--mode", "wavelet")
    return cli.path("photo.vrs").read_bytes()


def test_info_lists_all_bytes(cli, tagged):
    info = json.loads(cli("info", "--json", "photo.vrs").out)
    chunks = info["chunks"]
    assert [chunk["name"] for chunk in chunks] == ["header", "icc", "base"]
    assert [chunk["needed"] for chunk in chunks] == [True, False, True]
    assert sum(chunk["bytes"] for chunk in chunks) == sum(part["bytes"] for part in info["parts"]) == len(tagged)
    text = cli("info", "photo.vrs").out.decode()
    assert f"header 8 · icc {chunks[1]['bytes']} · base {chunks[2]['bytes']}" in text


def test_info_tells_a_file_from_before_1(cli):
    text = cli("info", ROOT / "tests" / "golden" / "draft" / "pixels.vrs").out.decode()
    assert "from before 1.0" in text


def test_verify_checks_without_the_model(cli, smooth):
    Image.fromarray(smooth(24, 40)).save(cli.path("photo.png"))
    cli("compress", "photo.png")
    nowhere = {"VAERANS_MODEL_PATH": str(cli.path("nowhere"))}
    assert b"checksums right" in cli("verify", "photo.vrs", env=nowhere).out
    assert "model_not_found" in cli("verify", "--full", "photo.vrs", env=nowhere, code=4).err
    assert b"checksums right, decoded" in cli("verify", "--full", "photo.vrs").out


def test_verify_names_the_damaged_chunk_and_goes_on(cli, tagged):
    damaged = bytearray(tagged)
    damaged[20] ^= 1
    cli.path("damaged.vrs").write_bytes(damaged)
    result = cli("verify", "damaged.vrs", "photo.vrs", code=1)
    assert "error[corrupt_stream]: damaged.vrs: chunk 'icc' from byte 8 on: the checksum does not match" in result.err
    assert result.out.decode().startswith("photo.vrs  ")


def test_strip_drops_what_may_be_skipped(cli, tagged):
    cli("strip", "photo.vrs")
    stripped = cli.path("photo.stripped.vrs").read_bytes()
    assert len(stripped) < len(tagged)
    info = json.loads(cli("info", "--json", "photo.stripped.vrs").out)
    assert [chunk["name"] for chunk in info["chunks"]] == ["header", "base"]
    cli("strip", "photo.vrs", "--keep", "icc", "-o", "kept.vrs")
    assert cli.path("kept.vrs").read_bytes() == tagged
    assert cli("strip", "-", "-o", "-", stdin=tagged).out == stripped
    assert "error[exists]" in cli("strip", "photo.vrs", code=5).err
    cli("strip", "photo.vrs", "--force")
    cli("decompress", "photo.vrs", "-o", "a.png")
    cli("decompress", "photo.stripped.vrs", "-o", "b.png")
    assert Image.open(cli.path("a.png")).tobytes() == Image.open(cli.path("b.png")).tobytes()
