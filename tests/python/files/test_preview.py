"""Previews: small pictures at the front of files, which decode without a model."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs as v
from PIL import Image

ROOT = Path(__file__).resolve().parents[3]
sys.path += [str(ROOT / "tests"), str(ROOT / "tools" / "fuzz")]

import vrs_bytes as vrs  # noqa: E402
from reference_decoder.container import PREVIEW, read_container, read_extents, read_stream  # noqa: E402
from reference_decoder.numbers import ByteReader  # noqa: E402

CLI = Path(os.environ.get("VAERANS_CLI", ROOT / "build" / "release" / "bin" / "vaerans"))
PICTURES = sorted((ROOT / "examples" / "pictures").glob("*.png"))


def pixels_of(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return 10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2))


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_the_shipped_pictures(path):
    """A few hundred bytes show what the picture shows, as well as a box filter of it."""
    image = pixels_of(path)
    plain, data = v.compress(image, mode="wavelet"), v.compress(image, mode="wavelet", preview=True)
    small = v.preview(data)
    height, width = image.shape[:2]
    assert max(small.shape[:2]) == 64 and small.shape[0] == max(1, height * 64 // max(height, width))
    assert 0 < len(data) - len(plain) <= 400
    assert [c.name for c in v.file_info(data).chunks][:2] == ["header", "preview"]
    box = np.asarray(Image.fromarray(image).resize(small.shape[1::-1], Image.Resampling.BOX))
    assert psnr(box, small) > 20
    np.testing.assert_array_equal(v.decompress(data), v.decompress(plain))
    assert v.strip(data) == v.strip(plain)


def test_no_model_is_asked_for(monkeypatch, tmp_path):
    data = v.compress(pixels_of(PICTURES[0]), mode="wavelet", preview=200)
    monkeypatch.setenv("VAERANS_MODEL_PATH", str(tmp_path))
    monkeypatch.setenv("VAERANS_ORT_LIBRARY", str(tmp_path / "none.so"))
    assert v.preview(data).shape[2] == 3


@pytest.mark.parametrize("preview", [100, 250, 1000, 20_000])
def test_it_takes_at_most_its_budget(preview):
    image = pixels_of(PICTURES[0])
    data = v.compress(image, lossless=True, preview=preview)
    chunk = v.file_info(data).chunks[1]
    assert chunk.name == "preview" and chunk.bytes <= preview and not chunk.needed
    assert max(v.preview(data).shape) <= 64


def test_more_bytes_look_better():
    image = pixels_of(ROOT / "examples" / "pictures" / "lake.png")
    box = np.asarray(Image.fromarray(image).resize((64, 64 * image.shape[0] // image.shape[1]), Image.Resampling.BOX))
    small, large = (v.preview(v.compress(image, lossless=True, preview=n)) for n in (400, 4000))
    assert psnr(box, large) > psnr(box, small) + 5


@pytest.mark.parametrize("preview", [99, 65537, 2.5, -1])
def test_a_budget_out_of_range_is_refused(preview):
    with pytest.raises(v.BadParameter, match="preview"):
        v.compress(np.zeros((8, 8, 3), np.uint8), lossless=True, preview=preview)


def test_every_kind_of_picture():
    grey = np.tile(np.linspace(0, 255, 200).astype(np.uint8), (100, 1))
    for image in (grey, grey.astype(np.uint16) * 257, np.stack([grey] * 3, -1)):
        small = v.preview(v.compress(image, lossless=True, preview=1000))
        assert small.dtype == np.uint8 and small.shape == (32, 64, 3)
        assert np.abs(small.astype(int) - np.linspace(2, 253, 64)[None, :, None]).max() < 12
    clear = np.zeros((100, 200, 4), np.uint8)
    clear[:, 100:, 3] = 255
    small = v.preview(v.compress(clear, lossless=True, preview=1000))
    assert small[:, :28].min() > 240 and small[:, 36:].max() < 15, "alpha over white"


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (3000, 2), (7, 7)])
def test_pictures_of_odd_sizes(shape):
    data = v.compress(np.full((*shape, 3), 99, np.uint8), lossless=True, preview=True)
    small = v.preview(data)
    assert small.shape[0] <= shape[0] and small.shape[1] <= shape[1] and np.abs(small.astype(int) - 99).max() < 8


def test_it_counts_for_the_size():
    image = pixels_of(PICTURES[0])
    assert len(v.compress(image, mode="wavelet", target_bytes=5000, preview=True)) <= 5000
    with pytest.raises(v.BadParameter, match="preview"):
        v.compress(image, mode="wavelet", target_bytes=300, preview=True)


def test_files_without_one():
    assert v.preview(v.compress(np.zeros((8, 8, 3), np.uint8), lossless=True)) is None
    assert v.preview(ROOT / "tests" / "golden" / "draft" / "pixels.vrs") is None


def rewritten(data: bytes, change) -> bytes:
    """The file with the content of its preview changed, and the checksum made right again."""
    chunk = next(c for c in v.file_info(data).chunks if c.name == "preview")
    header = data[: v.file_info(data).chunks[0].bytes]
    reader = ByteReader(data[chunk.offset : chunk.offset + chunk.bytes], "preview")
    kind, content = reader.u8(), bytearray(reader.take(reader.varint()))
    change(content)
    size = len(content)
    length = bytes([size & 0x7F | 0x80, size >> 7]) if size > 127 else bytes([size])
    new = bytes([kind]) + length + content
    new += struct.pack("<I", zlib.crc32(header + new))
    return data[: chunk.offset] + new + data[chunk.offset + chunk.bytes :]


@pytest.fixture(scope="module")
def file() -> bytes:
    return v.compress(pixels_of(PICTURES[0]), mode="wavelet", preview=True)


def test_one_of_a_later_version_is_none_and_costs_nothing(file):
    def later(content):
        at = content.index(41, 4)
        content[at] = 99  # a system that nobody knows

    data = rewritten(file, later)
    assert v.preview(data) is None
    np.testing.assert_array_equal(v.decompress(data), v.decompress(file))


def test_a_damaged_one_costs_only_itself(file):
    chunk = v.file_info(file).chunks[1]
    damaged = bytearray(file)
    damaged[chunk.offset + 20] ^= 1
    with pytest.raises(v.CorruptStream, match="checksum"):
        v.preview(bytes(damaged))
    np.testing.assert_array_equal(v.decompress_part(bytes(damaged), allow_partial=True).image, v.decompress(file))


def test_a_large_one_is_refused(file):
    def enlarge(content):
        content[1:3] = b"\xff\xff\x03"  # 65535 rows

    with pytest.raises(v.errors.LimitExceeded):
        v.preview(rewritten(file, enlarge))


def test_only_the_front_of_a_path_is_read(tmp_path, file):
    chunk = v.file_info(file).chunks[1]
    path = tmp_path / "cut.vrs"
    path.write_bytes(file[: chunk.offset + chunk.bytes + 40])
    np.testing.assert_array_equal(v.preview(path), v.preview(file))


def test_the_reference_decoder_reads_it(file):
    chunk = next(c for c in read_container(file).others if c.number == PREVIEW)
    reader = ByteReader(chunk.content, "preview")
    bits, (height, width, channels) = read_extents(reader)
    assert bits == 0 and (height, width, channels) == v.preview(file).shape
    assert [step.system for step in read_stream(reader).steps] == [41, 44, 42, 43, 12]


def test_the_command_line(tmp_path):
    kept, small = tmp_path / "kept.vrs", tmp_path / "small.png"
    subprocess.run([CLI, "compress", PICTURES[0], "--mode", "wavelet", "--preview", "-o", kept], check=True)
    subprocess.run([CLI, "info", kept, "--preview", small], check=True, capture_output=True)
    np.testing.assert_array_equal(np.asarray(Image.open(small)), v.preview(kept))
    again = subprocess.run([CLI, "info", kept, "--preview", small], capture_output=True, text=True)
    assert again.returncode == 5 and "exists already" in again.stderr
    subprocess.run([CLI, "strip", kept, "-o", tmp_path / "plain.vrs"], check=True)
    none = subprocess.run(
        [CLI, "info", tmp_path / "plain.vrs", "--preview", small, "-f"], capture_output=True, text=True
    )
    assert none.returncode == 3 and "the file has no preview; compress --preview adds one" in none.stderr


@pytest.mark.parametrize(("shape", "dtype", "bits"), [((200, 256), np.uint8, 2), ((20, 30, 3), np.uint16, 4)])
def test_previews_of_other_encoders(shape, dtype, bits):
    """The format allows up to 256 pixels a side, grey and 16 bits."""
    small = (np.arange(np.prod(shape)) * 37 % 251).astype(dtype).reshape(shape)
    data = v.compress(small, lossless=True)
    source, chunks = vrs.picture(*shape[:2], bits), v.file_info(data).chunks
    reader = ByteReader(data[chunks[-1].offset :], "base")
    reader.u8()
    stream = reader.take(reader.varint())
    header = vrs.header(source)
    assert (chunks[-1].name, data) == ("base", vrs.sealed(header, vrs.chunk(vrs.BASE, stream)))
    file = vrs.sealed(header, vrs.chunk(PREVIEW, source + stream), vrs.chunk(vrs.BASE, stream))
    np.testing.assert_array_equal(v.preview(file), small)
    np.testing.assert_array_equal(v.decompress(file), small)
