"""What docs/format_blob.md says that readers refuse, the library and the reference decoder refuse."""

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from vaerans_ecs import errors
from vaerans_ecs.latents import decode_blob, encode_blob

sys.path.append(str(Path(__file__).resolve().parents[2]))

from reference_decoder import FormatError, blob

HALF = np.linspace(-2, 2, 24, dtype=np.float16).reshape(1, 4, 6)
CONSTANT = np.stack([np.full((4, 6), 3, np.float32), np.linspace(0, 1, 24, dtype=np.float32).reshape(4, 6)])
FRONT = 8 + 3 + 1 + 12  # magic to channel axis, the shape, the target, errors


def refused_blob(body):
    data = bytes(body) + struct.pack("<I", zlib.crc32(body))
    with pytest.raises(errors.CorruptStream):
        decode_blob(data, "f32")
    with pytest.raises(FormatError):
        blob.decode(data)


@pytest.mark.parametrize("base", [0.0, -1.0, 2.0**-101, 2.0**65, float("nan"), float("inf")])
def test_bases_of_blobs(base):
    body = bytearray(encode_blob(HALF, step=0.1)[:-4])
    body[FRONT + 1 : FRONT + 5] = struct.pack("<f", base)
    refused_blob(body)


def test_constant_channels_that_are_no_number():
    body = bytearray(encode_blob(CONSTANT, step=0.1)[:-4])
    at = body.index(struct.pack("<f", 3.0), FRONT)
    for value in (float("nan"), float("inf")):
        body[at : at + 4] = struct.pack("<f", value)
        refused_blob(body)


def test_exact_numbers_of_32_bits():
    body = bytearray(encode_blob(HALF, lossless=True)[:-4])
    body[5] = 0
    refused_blob(body)


@pytest.mark.parametrize("shape", [(0, 4, 6), (1, 0, 6)])
def test_shapes_of_blobs(shape):
    body = bytearray(encode_blob(HALF, step=0.1)[:-4])
    body[8:11] = bytes(shape)
    refused_blob(body)
