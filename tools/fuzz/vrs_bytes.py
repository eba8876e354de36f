"""The bytes of .vrs files put together by hand, after docs/format.md, such as no encoder would write."""

from __future__ import annotations

import struct
import zlib

MAGIC, VERSION = b"\xf6VRS", 1
LATENT, GREY, SIXTEEN_BIT = 1, 2, 4  # bits of a source
NAMED, BASE, RESIDUAL, ALPHA, DIGEST, TILES, PREVIEW, ICC, EXIF, XMP = range(10)  # numbers of chunks
NEEDED, LAST = 0x40, 0x80  # bits of a chunk's type
VAE, HADAMARD4, CDF53, HAAR, QUANTIZE_U8, QUANTIZE, ANS, RCT, KLT = 1, 3, 5, 7, 9, 10, 12, 23, 25  # wire ids
PREDICT, YCOCG, CDF97, QUANTIZE_BANDS, RESTORE = 40, 41, 42, 43, 44


def varint(value: int) -> bytes:
    """LEB128: seven bits a byte, low bits first."""
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def signed(value: int) -> bytes:
    """A signed varint: 0, -1, 1, -2 ... become 0, 1, 2, 3 ..."""
    return varint(2 * value if value >= 0 else -2 * value - 1)


def text(value: str) -> bytes:
    return varint(len(value.encode())) + value.encode()


def truth(wire_id: int, value: bool) -> bytes:
    """A parameter that is true or false."""
    return varint(wire_id) + (b"\x01" if value else b"\x00")


def integer(wire_id: int, value: int) -> bytes:
    """A parameter that is a whole number."""
    return varint(wire_id) + b"\x02" + signed(value)


def number(wire_id: int, value: float) -> bytes:
    """A parameter that is an f32."""
    return varint(wire_id) + b"\x03" + struct.pack("<f", value)


def name(wire_id: int, value: str) -> bytes:
    """A parameter that is a text."""
    return varint(wire_id) + b"\x05" + text(value)


def step(wire_id: int, parameters: tuple[bytes, ...] = (), side_info: bytes = b"") -> bytes:
    return varint(wire_id) + varint(len(parameters)) + b"".join(parameters) + varint(len(side_info)) + side_info


def stream(steps: list[bytes], payload: bytes) -> bytes:
    return varint(len(steps)) + b"".join(steps) + payload


def latent(*shape: int) -> bytes:
    """The source: a latent (C, h, w)."""
    return bytes([LATENT]) + b"".join(varint(n) for n in shape)


def picture(height: int, width: int, bits: int = 0) -> bytes:
    """The source: a picture (H, W, 3) u8, or of what its bits say."""
    return bytes([bits]) + varint(height) + varint(width)


def header(source: bytes, version: int = VERSION) -> bytes:
    return MAGIC + bytes([version]) + source


def chunk(number: int, content: bytes, needed: bool | None = None, name: str | None = None) -> bytes:
    """A chunk without its checksum. Streams are needed, all else is not, unless it is said."""
    needed = number in (BASE, RESIDUAL, ALPHA) if needed is None else needed
    head = bytes([number | (NEEDED if needed else 0)]) + (b"" if name is None else text(name))
    return head + varint(len(content)) + content


def sealed(header: bytes, *chunks: bytes) -> bytes:
    """The file: chunks with their checksums, the last one marked as such."""
    out = header
    for i, one in enumerate(chunks):
        whole = bytes([one[0] | (LAST if i + 1 == len(chunks) else 0)]) + one[1:]
        out += whole + struct.pack("<I", zlib.crc32(header + whole))
    return out


def file(source: bytes, base: bytes, *others: bytes, version: int = VERSION) -> bytes:
    """A file of a base stream and other chunks."""
    return sealed(header(source, version), chunk(BASE, base), *others)
