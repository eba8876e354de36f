"""Flips, truncations and splices of files: accidents must be noticed, made damage must end in a typed error."""

from __future__ import annotations

import random
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import sandbox
import vaerans_ecs as v

ROOT = Path(__file__).resolve().parents[2]


def compressed(picture: np.ndarray, **options: object) -> bytes:
    """In this thread alone: children that are forked have no others."""
    return v.compress(picture, threads=1, **options)


def samples() -> dict[str, bytes]:
    """A file of each kind that decodes without a model, and the golden latents."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:70, 0:90]
    colors = np.stack([y * 2, x * 2, (x + y) + rng.integers(0, 5, y.shape)], -1).astype(np.uint8)
    clear = np.concatenate([colors, colors[..., :1]], axis=2)
    said = {"icc": bytes(range(200)), "exif": b"II*\0" + bytes(30), "xmp": b"<x:xmpmeta/>"}
    out = {
        "pixels": compressed(colors, lossless=True),
        "tiles": compressed(np.tile(colors, (13, 1, 1)), max_error=3),
        "deep": compressed(colors[..., 0].astype(np.uint16) * 200, lossless=True),
        "wavelet": compressed(colors, mode="wavelet", step=20.0),
        "wavelet tiles": compressed(
            np.tile(colors[:4], (1, 20, 1)),
            pipeline="ycocg | cdf97(levels=3) | quantize_bands(step=9, dependent=true, tile=256) | ans(coder=mixing)",
        ),
        "everything": compressed(clear, mode="wavelet", step=30.0, digest=True, preview=True, **said),
    }
    golden = sorted((ROOT / "tests" / "golden").glob("*.vrs"))
    return out | {p.stem: p.read_bytes() for p in golden if v.file_info(p).source_key != "RGB"}


def decoded(data: bytes) -> np.ndarray:
    info = v.file_info(data)
    return v.decompress(data, threads=1) if info.source_key == "RGB" else v.decompress_latent(data, threads=1)


def judge_of(original: bytes):
    """'refused' by a typed error, 'same' values, or 'other' ones that nothing told about."""
    expected = decoded(original)

    def judge(data: bytes) -> str:
        try:
            values = decoded(data)
        except v.VaeransError:
            return "refused"
        return "same" if values.shape == expected.shape and np.array_equal(values, expected) else "other"

    return judge


def flips(data: bytes, count: int, rng: random.Random) -> Iterator[bytes]:
    """One to eight bits changed."""
    for _ in range(count):
        out = bytearray(data)
        for _ in range(rng.choice((1, 1, 1, 2, 8))):
            out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
        yield bytes(out)


def truncations(data: bytes, count: int, rng: random.Random) -> Iterator[bytes]:
    """Every length, or a sample of them."""
    lengths = range(len(data)) if len(data) <= count else sorted(rng.sample(range(len(data)), count))
    yield from (data[:length] for length in lengths)


def splices(data: bytes, others: list[bytes], count: int, rng: random.Random) -> Iterator[bytes]:
    """The front of one file and the end of another, or of itself, from another place on; no whole file comes out."""
    while count > 0:
        other = rng.choice(others)
        out = data[: rng.randrange(1, len(data))] + other[rng.randrange(len(other)) :]
        if out not in others:
            count -= 1
            yield out


def resealed(data: bytes) -> bytes:
    """With checksums that fit: what an attacker would send."""
    try:
        header = data[: v.file_info(data).chunks[0].bytes]
    except v.VaeransError:
        header = data[:8]
    out, at = bytearray(data), len(header)
    while at + 6 < len(out):
        length, end = 0, at + 1
        for shift in range(0, 63, 7):
            if end >= len(out):
                return bytes(out)
            length |= (out[end] & 0x7F) << shift
            end += 1
            if out[end - 1] < 0x80:
                break
        end += length
        if end + 4 > len(out):
            return bytes(out)
        out[end : end + 4] = struct.pack("<I", zlib.crc32(header + bytes(out[at:end])))
        if out[at] & 0x80:
            break
        at = end + 4
    return bytes(out)


def header_kept_flips(data: bytes, count: int, rng: random.Random) -> Iterator[bytes]:
    """Flips behind the header with checksums mended, so that what is behind them is reached."""
    start = v.file_info(data).chunks[0].bytes
    for _ in range(count):
        out = bytearray(data)
        for _ in range(rng.choice((1, 1, 2, 8))):
            out[rng.randrange(start, len(out))] ^= 1 << rng.randrange(8)
        yield resealed(bytes(out))


def measure(count: int) -> dict[str, dict[str, int]]:
    rng, files = random.Random(7), samples()
    kinds = {
        "flips": lambda data: flips(data, count, rng),
        "truncations": lambda data: truncations(data, count, rng),
        "splices": lambda data: splices(data, list(files.values()), count, rng),
        "flips, checksums mended": lambda data: header_kept_flips(data, count, rng),
    }
    out: dict[str, dict[str, int]] = {}
    for kind, make in kinds.items():
        sums: dict[str, int] = {}
        for data in files.values():
            for verdict, n in sandbox.tally(make(data), judge_of(data)).items():
                sums[verdict] = sums.get(verdict, 0) + n
        print(kind, sums, file=sys.stderr)
        out[kind] = sums
    return out
