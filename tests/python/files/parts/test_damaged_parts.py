"""Damage by accident, and files that whole decoding refuses, met by those who read a part or rows."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs as v

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "tools/fuzz"))
import vrs_bytes as vrs

WAVELET = "ycocg | cdf97(levels=2) | quantize_bands(step=6, tile=256) | ans(coder=mixing)"
HEIGHT, WIDTH = 8, 820
SPOT = (3, 2, 40, 5)  # in the first tile


@cache
def picture(channels: int) -> np.ndarray:
    """Two tiles of the pixel coder, and four of the wavelet coder, beside each other; noise in the lowest bits."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    rng = np.random.default_rng(channels)
    planes = [(columns // 4 + rows * c + rng.integers(0, 9, rows.shape)) % 251 for c in range(channels)]
    planes[-1] = rng.integers(0, 256, rows.shape)  # no model of which notices damage
    return np.stack(planes, -1).astype(np.uint8)


@cache
def good(name: str) -> bytes:
    coder, *more = name.split()
    how = {"lossless": True} if coder == "lossless" else {"pipeline": WAVELET, "digest": "digest" in more}
    data = v.compress(picture(4 if "alpha" in more else 3), preview="preview" in more, **how)
    return v.strip(data) if "stripped" in more else data


FILES = [
    *("lossless", "lossless alpha preview", "lossless stripped", "lossless alpha stripped"),
    *("wavelet digest preview", "wavelet alpha", "wavelet stripped", "wavelet alpha stripped"),
]


def rows_of(data: bytes) -> np.ndarray:
    return np.concatenate(list(v.RowReader(data)))


def cut(image: np.ndarray) -> np.ndarray:
    x, y, width, height = SPOT
    return image[y : y + height, x : x + width]


def whole(image: np.ndarray) -> np.ndarray:
    return image


WAYS: dict[str, tuple[Callable[[bytes], np.ndarray], Callable[[np.ndarray], np.ndarray]]] = {
    "spot": (lambda data: v.decompress(data, region=SPOT), cut),
    "whole region": (lambda data: v.decompress(data, region=(0, 0, WIDTH, HEIGHT)), whole),
    "part": (lambda data: v.decompress_part(data, SPOT).image, cut),
    "rows": (rows_of, whole),
}


def is_refused_or_right(data: bytes, read: Callable[[bytes], np.ndarray], expected: np.ndarray) -> bool:
    """Whether it was refused."""
    try:
        found = read(data)
    except v.VaeransError:
        return True
    np.testing.assert_array_equal(found, expected)
    return False


def spots_in(data: bytes, count: int) -> list[int]:
    """All bytes of the front and of the chunks' heads, and some of the rest."""
    heads = [at for c in v.file_info(data).chunks[1:] for at in range(c.offset, c.offset + 8)]
    return sorted(
        {*range(60), *heads, *range(60, len(data), max(1, len(data) // count)), *range(len(data) - 9, len(data))}
    )


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_never_gives_other_pixels(name):
    data = good(name)
    pixels = v.decompress(data)
    refused = 0
    for number, at in enumerate(spots_in(data, 90)):
        damaged = bytearray(data)
        damaged[at] ^= 1 << number % 8
        read, part_of = list(WAYS.values())[number % len(WAYS)]
        refused += is_refused_or_right(bytes(damaged), read, part_of(pixels))
        if number % 5 == 0:
            try:
                part = v.decompress_part(bytes(damaged), allow_partial=True)
            except v.VaeransError:
                continue
            assert part.problems or np.array_equal(part.image, pixels), at
    assert refused > 60


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_is_refused_or_said(name):
    data = good(name)
    for length in [at for at in spots_in(data, 20) if at > 6]:
        for read, _ in WAYS.values():
            with pytest.raises(v.CorruptStream):
                read(data[:length])
        try:
            part = v.decompress_part(data[:length], allow_partial=True)
        except v.CorruptStream:
            continue
        assert part.problems and sorted({*part.problems}) == sorted(part.problems), length


@pytest.mark.parametrize("name", ["lossless alpha preview", "wavelet alpha stripped"])
def test_no_byte_in_the_place_of_alphas_type_loses_it(name):
    data = bytearray(good(name))
    pixels = v.decompress(bytes(data))
    at = next(c.offset for c in v.file_info(bytes(data)).chunks if c.name == "alpha")
    right = data[at]
    for wrong in range(256):
        data[at] = wrong
        assert is_refused_or_right(bytes(data), WAYS["spot"][0], cut(pixels)) == (wrong != right), wrong
        if wrong != right and wrong % 8 == 3:
            with contextlib.suppress(v.VaeransError):
                assert v.decompress_part(bytes(data), allow_partial=True).problems, wrong


def test_what_is_cut_is_said_once():
    data = good("wavelet digest preview")
    assert v.decompress_part(data[:-5], allow_partial=True).problems == ["chunk 'digest': the file is cut short"]


def test_damage_of_a_stripped_file_is_named():
    for name, chunk in (("lossless stripped", "base"), ("lossless alpha", "alpha"), ("wavelet alpha", "alpha")):
        damaged = bytearray(good(name))
        at = next(c for c in v.file_info(bytes(damaged)).chunks if c.name == chunk)
        damaged[at.offset + at.bytes // 2] ^= 4
        says = f"chunk '{chunk}' from byte {at.offset} on: the checksum does not match"
        for read, _ in WAYS.values():
            with pytest.raises(v.CorruptStream, match=says):
                read(bytes(damaged))
        part = v.decompress_part(bytes(damaged), allow_partial=True)
        assert any(f"chunk '{chunk}': the checksum" in problem for problem in part.problems)


# ---- files with right checksums --------------------------------------------------------------------------------------


def chunks_of(data: bytes) -> tuple[bytes, list[tuple[int, bytes]]]:
    """The header, and numbers and contents of the chunks."""
    info = v.file_info(data)
    chunks = []
    for one in info.chunks[1:]:
        head = 1
        while data[one.offset + head] >= 128:
            head += 1
        content = data[one.offset + head + 1 : one.offset + one.bytes - 4]
        chunks.append((data[one.offset] & 63, content))
    return data[: info.chunks[1].offset], chunks


def joined(head: bytes, chunks: list[tuple[int, bytes]], needed: bool | None = None) -> bytes:
    made = [vrs.chunk(number, content, needed=needed if number == vrs.ALPHA else None) for number, content in chunks]
    return vrs.sealed(head, *made)


def lax_files() -> dict[str, tuple[bytes, str]]:
    """What is wrong with a file, and what is said of it."""
    head, chunks = chunks_of(good("wavelet alpha"))
    data = joined(head, chunks)
    base = next(one for one in chunks if one[0] == vrs.BASE)
    alpha = next(one for one in chunks if one[0] == vrs.ALPHA)
    longer = [(number, content + b"\0" * (number == vrs.BASE)) for number, content in chunks]
    return {
        "two bases": (joined(head, [*chunks, base]), "chunk 'base' .*there is one already"),
        "two alphas": (joined(head, [*chunks, alpha]), "chunk 'alpha' .*there is one already"),
        "alpha not needed": (joined(head, chunks, needed=False), "marked wrongly"),
        "behind": (data + b"zz", "2 bytes are left over behind the last chunk"),
        "no last": (
            vrs.sealed(head, *[vrs.chunk(*one) for one in chunks], vrs.chunk(vrs.XMP, b""))[:-6],
            "its last chunk is missing",
        ),
        "cut": (data[:-5], "the file is cut short"),
        "short digest": (joined(head, [*chunks, (vrs.DIGEST, b"1234567")]), "chunk 'digest'"),
        "long digest": (joined(head, [*chunks, (vrs.DIGEST, b"123456789")]), "chunk 'digest'.*left over"),
        "left over": (joined(head, longer), "left over"),
    }


@pytest.mark.parametrize("name", lax_files())
def test_what_the_whole_refuses_its_parts_refuse(name):
    data, says = lax_files()[name]
    with pytest.raises(v.CorruptStream):
        v.decompress(data)
    for read, _ in WAYS.values():
        with pytest.raises(v.CorruptStream, match=says):
            read(data)


@pytest.mark.parametrize("name", ["wavelet", "wavelet alpha", "lossless stripped"])
def test_all_rows_are_held_against_the_digest(name):
    data = good(name)
    pixels = v.decompress(data)
    head, chunks = chunks_of(data)
    colors = np.ascontiguousarray(pixels[..., :3])
    right = joined(head, [*chunks, (vrs.DIGEST, hashlib.sha256(colors.tobytes()).digest()[:8])])
    wrong = joined(head, [*chunks, (vrs.DIGEST, b"12345678")])
    for read, part_of in WAYS.values():
        np.testing.assert_array_equal(read(right), part_of(pixels))
        if part_of is cut:
            np.testing.assert_array_equal(read(wrong), cut(pixels))
            continue
        with pytest.raises(v.errors.BaseMismatch, match="not the one whose digest is in the file"):
            read(wrong)
    reader = v.RowReader(wrong)
    for _ in range(2):  # a second try changes nothing
        with pytest.raises(v.errors.BaseMismatch):
            reader.read()
    if "alpha" not in name:
        part = v.decompress_part(wrong, allow_partial=True)
        assert "whose digest" in part.problems[0]
        np.testing.assert_array_equal(part.image, pixels)
