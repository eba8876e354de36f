"""vaerans verify, vaerans strip, and the chunks in vaerans info."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageCms

ROOT = Path(__file__).resolve().parents[3]


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


def test_strip_goes_through_folders(cli, tagged):
    """In a folder of their own files keep their names."""
    cli.path("all/deep").mkdir(parents=True)
    cli.path("all/a.vrs").write_bytes(tagged)
    cli.path("all/deep/b.vrs").write_bytes(tagged)
    cli.path("all/deep/c.vrs").write_bytes(b"no file of ours")
    result = cli("strip", "-r", "--json", "all", "-o", "out", code=1)
    lines = [json.loads(line) for line in result.out.decode().splitlines()]
    assert [line["output"] for line in lines[:-1]] == ["out/a.vrs", "out/deep/b.vrs"]
    assert lines[0]["bytes_before"] == len(tagged) > lines[0]["bytes"] == cli.path("out/a.vrs").stat().st_size
    assert lines[-1]["summary"]["files"] == 2 and lines[-1]["summary"]["failed"] == 1
    assert "all/deep/c.vrs: this is not a .vrs file" in result.err
    assert b"1 skipped" in cli("strip", "-r", "all/deep", "-o", "out/deep", "--resume", "--exclude", "c.vrs").out
    assert cli("strip", "photo.vrs", "-o", "new/", "--quiet").out == b""
    assert cli.path("new/photo.vrs").read_bytes() == cli.path("out/a.vrs").read_bytes()
    assert "written over itself" in cli("strip", "photo.vrs", "-o", ".", code=2).err


def test_verify_goes_through_folders_and_gives_json(cli, tagged):
    cli.path("all/deep").mkdir(parents=True)
    cli.path("all/a.vrs").write_bytes(tagged)
    cli.path("all/deep/b.vrs").write_bytes(tagged[:-1])
    cli.path("all/readme.txt").write_text("no file of ours")
    result = cli("verify", "-r", "--json", "all", code=1)
    lines = [json.loads(line) for line in result.out.decode().splitlines()]
    assert lines[0] == {"file": "all/a.vrs", "bytes": len(tagged), "checksums": "right", "decoded": False}
    assert lines[-1]["summary"]["files"] == 1 and lines[-1]["summary"]["bytes"] == len(tagged)
    assert lines[-1]["summary"]["failed"] == 1
    assert "all/deep/b.vrs: " in result.err and "cut short" in result.err
    assert "folder" in cli("verify", "all", code=2).err


@pytest.mark.parametrize(
    "command",
    [
        ["info"],
        ["verify"],
        ["strip", "-o", "out.vrs"],
        ["decompress", "-o", "out.png"],
        ["transcode", "-m", "blocks", "-o", "out.vrs"],
    ],
)
def test_other_files_are_refused_from_their_first_bytes(cli, command):
    """A picture of 3 GB, most of it a hole, and no room for it: what is read is its front."""
    with cli.path("large.tif").open("wb") as file:
        file.write(b"II*\0")
        file.truncate(3 << 30)
    limited = ["bash", "-c", f'ulimit -v {1 << 21}; exec "$@"', "-", str(cli.program), *command, "large.tif"]
    done = subprocess.run(limited, cwd=cli.folder, env=cli.env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 3
    assert "error[corrupt_stream]: large.tif: this is not a .vrs file: its first bytes" in done.stderr
    assert sorted(cli.files()) == ["large.tif"]


def test_other_data_on_stdin_are_refused_before_their_end(cli):
    command = f"cat /dev/zero | {cli.program} info -"
    done = subprocess.run(["bash", "-c", command], env=cli.env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 3 and "stdin: this is not a .vrs file" in done.stderr


def test_a_region_says_what_is_kept_of_metadata(cli, tagged):
    said = cli("decompress", "photo.vrs", "--region", "0,0,9,9", "-o", "a.png").out.decode()
    assert said.rstrip().endswith("bytes read  with ICC profile")
    said = cli("decompress", "photo.vrs", "--region", "0,0,9,9", "-o", "a.ppm").out.decode()
    assert said.rstrip().endswith("without ICC profile, which .ppm does not hold")
    asked = ["decompress", "photo.vrs", "--region", "0,0,9,9", "--json", "-f"]
    assert json.loads(cli(*asked, "-o", "a.ppm").out)["dropped"] == ["ICC profile"]
    assert json.loads(cli(*asked, "-o", "a.png").out)["kept"] == ["ICC profile"]
    assert "kept" not in json.loads(cli(*asked, "--strip", "-o", "a.png").out)
    assert json.loads(cli("decompress", "photo.vrs", "--json", "-o", "b.png").out)["kept"] == ["ICC profile"]
