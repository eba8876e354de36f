"""Small files that claim much: refused soon, and before memory is taken for what they claim."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

SIDE = 16_000  # 256 megapixels, just within the limit on pixels


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(bits: int, kind: int, packed: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, bits, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def saved(kind: str, size: int = 64, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (size, size), (9, 99, 200)).save(out, kind, **options)
    return out.getvalue()


def jpeg(**options: object) -> bytes:
    data = saved("JPEG", **options)
    at = next(i for i in range(len(data)) if data[i : i + 2] in (b"\xff\xc0", b"\xff\xc2"))
    return data[: at + 5] + struct.pack(">HH", SIDE, SIDE) + data[at + 9 :]


def gif() -> bytes:
    size = struct.pack("<HH", SIDE, SIDE)
    data = saved("GIF")
    at = data.index(b",\0\0\0\0")
    return data[:6] + size + data[10 : at + 5] + size + data[at + 9 :]


def tiff(compression: str) -> bytes:
    data = bytearray(saved("TIFF", compression=compression))
    (start,) = struct.unpack("<I", data[4:8])
    for at in range(start + 2, start + 2 + 12 * data[start], 12):
        (tag,) = struct.unpack("<H", data[at : at + 2])
        if tag in (256, 257, 278):  # width, height, rows of a strip
            data[at + 2 : at + 12] = struct.pack("<HII", 4, 1, SIDE)
    return bytes(data)


def jp2() -> bytes:
    data = saved("JPEG2000", no_jp2=True)
    sides = struct.pack(">II", SIDE, SIDE)
    return data[:8] + sides + data[16:24] + sides + data[32:]  # the picture, and its only tile


def webp(lossless: bool) -> bytes:
    data = bytearray(saved("WEBP", lossless=lossless))
    if lossless:
        bits = struct.unpack("<I", data[21:25])[0] & ~0xFFFFFFF | (SIDE - 1) | (SIDE - 1) << 14
        data[21:25] = struct.pack("<I", bits)
    else:
        data[26:30] = struct.pack("<HH", SIDE, SIDE)
    return bytes(data)


def bmp(compression: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, SIDE, SIDE, 1, 8, compression, 0, 0, 0, 0, 0) + bytes(1024)
    return struct.pack("<2sIHHI", b"BM", 0, 0, 0, 14 + len(header)) + header + b"\xff\1" * 50


def tga(kind: int) -> bytes:
    return struct.pack("<BBBHHBHHHHBB", 0, 0, kind, 0, 0, 0, 0, 0, SIDE, SIDE, 24, 0) + b"\xff\1\2\3" * 50


BOMBS = {
    "png": png(8, 2, zlib.compress(b"few")),
    "png-1": png(1, 0, zlib.compress(bytes(1000))),
    "jpeg": jpeg(),
    "jpeg-progressive": jpeg(progressive=True),
    "gif": gif(),
    "tiff-raw": tiff("raw"),
    "tiff-lzw": tiff("tiff_lzw"),
    "tiff-deflate": tiff("tiff_adobe_deflate"),
    "tiff-jpeg": tiff("jpeg"),
    "jp2": jp2(),
    "webp": webp(False),
    "webp-lossless": webp(True),
    "bmp": bmp(0),
    "bmp-runs": bmp(1),
    "tga": tga(2),
    "tga-runs": tga(10),
    "pnm": b"P6 %d %d 255\n" % (SIDE, SIDE),
    "pbm": b"P1 %d %d\n" % (SIDE, SIDE),
}


# A small process of its own: a child's peak counts from the size of whoever started it, and a test run is large.
MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


def cost_of(cli, *words: str) -> tuple[int, str, float, float]:
    """Exit code, errors, CPU seconds and peak megabytes of the largest of the program's processes."""
    command = [sys.executable, "-S", "-c", MEASURED, cli.program, *words]
    done = subprocess.run(command, cwd=cli.folder, env=cli.env, capture_output=True, text=True, timeout=100)
    code, seconds, kilobytes = done.stdout.split()
    return int(code), done.stderr, float(seconds), float(kilobytes) / 1024


@pytest.mark.parametrize("name", BOMBS)
def test_refused_cheaply(cli, name):
    assert len(BOMBS[name]) < 20_000
    cli.path("bomb").write_bytes(BOMBS[name])
    code, errors, seconds, megabytes = cost_of(cli, "compress", "--convert", "--lossless", "bomb", "-o", "out.vrs")
    assert code == 3 and any(f"error[{kind}]: bomb: " in errors for kind in ("image_unreadable", "limit_exceeded"))
    assert seconds < 5 and megabytes < 500, (seconds, megabytes)
    assert cli.files() == {"bomb"}


def test_a_flat_picture_is_refused_unless_asked(cli):
    side = 5000  # above the free 16 megapixels
    out = io.BytesIO()
    Image.new("RGB", (side, side), (9, 99, 200)).save(out, "WEBP", lossless=True)
    assert len(out.getvalue()) * 4096 + (1 << 24) < side * side
    cli.path("flat.webp").write_bytes(out.getvalue())
    refused = cli("compress", "flat.webp", "-o", "flat.vrs", code=3).err
    assert "error[limit_exceeded]: flat.webp: " in refused and "--max-pixels-per-byte" in refused


def varint(value: int) -> bytes:
    return bytes([value & 0x7F | 0x80]) + varint(value >> 7) if value >= 0x80 else bytes([value])


def test_a_file_of_few_bytes_claims_no_36_megapixels(cli):
    Image.fromarray(np.full((64, 64, 3), 77, np.uint8)).save(cli.path("small.png"))
    cli("compress", "small.png", "-o", "small.vrs")
    data = cli.path("small.vrs").read_bytes()
    assert data[5:8] == b"\0" + varint(64) * 2
    large = data[:6] + varint(6000) * 2 + data[8:-4]
    cli.path("large.vrs").write_bytes(large + struct.pack("<I", zlib.crc32(large)))
    code, errors, seconds, megabytes = cost_of(cli, "decompress", "large.vrs", "-o", "large.png")
    assert code == 3 and "error[limit_exceeded]: large.vrs: " in errors and "max_pixels_per_byte" in errors
    assert seconds < 2 and megabytes < 200
    assert "error[limit_exceeded]" in cli("info", "large.vrs", code=3).err
