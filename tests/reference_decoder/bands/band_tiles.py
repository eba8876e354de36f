"""How a picture's bands are cut into tiles (docs/format_bands.md, "Tiles")."""

from collections.abc import Iterator

from ..numbers import ByteReader, FormatError
from ..systems.subbands import HL, LH, LL, Subband
from . import band_coder

Part = tuple[Subband, list[int]]  # a tile's own band, and where its coefficients lie in the picture


def cuts(n: int, side: int) -> list[tuple[int, int]]:
    if side == 0:
        return [(0, n)]
    count = max(1, (n + side // 2 - 1) // side)
    return [(i * side, n if i + 1 == count else (i + 1) * side) for i in range(count)]


def in_band(cut: tuple[int, int], n: int, level: int, size: int) -> tuple[int, int]:
    begin, end = cut
    return min(begin >> level, size), size if end == n else min(end >> level, size)


def tiles_of(subbands: list[Subband], side: int) -> Iterator[list[Part]]:
    """The parts of each tile, in the order of the subbands; a side of 0: the picture is one tile."""
    if side and max(s.level for s in subbands) >= side.bit_length() - 1:
        raise FormatError("tiles have no place for so many levels")
    first = [s for s in subbands if s.channel == 0]
    height = sum(s.height for s in first if s.orientation in (LL, LH))
    width = sum(s.width for s in first if s.orientation in (LL, HL))
    for rows in cuts(height, side):
        for columns in cuts(width, side):
            parts: list[Part] = []
            offset = 0
            for s in subbands:
                top, bottom = in_band(rows, height, s.level, s.height)
                left, right = in_band(columns, width, s.level, s.width)
                own = Subband(s.channel, s.level, s.orientation, offset, bottom - top, right - left)
                offset += own.size
                places = [s.offset + y * s.width + x for y in range(top, bottom) for x in range(left, right)]
                parts.append((own, places))
            yield parts


def decode(payload: bytes, subbands: list[Subband], dependent: bool, side: int) -> list[int]:
    """Symbols of all bands."""
    reader = ByteReader(payload, "ans payload (mixing)")
    tiles = list(tiles_of(subbands, side))
    sizes = [reader.varint() for _ in tiles]
    out = [0] * sum(s.size for s in subbands)
    for tile, size in zip(tiles, sizes, strict=True):
        symbols = band_coder.decode(reader.take(size), [own for own, _ in tile], dependent)
        for own, places in tile:
            for place, symbol in zip(places, symbols[own.places], strict=True):
                out[place] = symbol
    reader.expect_end()
    return out
