"""The bytes of .vrs files put together by hand, after docs/format.md, such as no encoder would write."""

from __future__ import annotations

import struct
import zlib

MAGIC, VERSION = b"\x96VRS", 1
RESIDUAL, LOSSLESS, DIGEST = 1, 2, 4  # flags
VAE, HADAMARD4, CDF53, HAAR, QUANTIZE_U8, QUANTIZE, ANS, RCT, KLT = 1, 3, 5, 7, 9, 10, 12, 23, 25  # wire ids


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
    return varint(len(steps)) + b"".join(steps) + varint(len(payload)) + payload


def latent(*shape: int) -> bytes:
    """The source: a latent (C, h, w)."""
    return b"\x01" + b"".join(varint(n) for n in shape)


def picture(height: int, width: int, channels: int = 3) -> bytes:
    """The source: a picture (H, W, 3)."""
    return b"\x00" + varint(height) + varint(width) + varint(channels)


def sealed(body: bytes) -> bytes:
    """With its checksum."""
    return body + struct.pack("<I", zlib.crc32(body))


def file(source: bytes, *parts: bytes, flags: int = 0, version: int = VERSION) -> bytes:
    return sealed(MAGIC + bytes([version, flags]) + source + b"".join(parts))
