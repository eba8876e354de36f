"""What mixes the channels, undone: hadamard4, klt and rct (docs/format.md, "Channels")."""

import math

from ..arithmetic import Float32, Int16
from ..numbers import BitReader

store = Float32.store


def planes_of(values: list, channels: int) -> list[list]:
    n = len(values) // channels
    return [values[c * n : (c + 1) * n] for c in range(channels)]


def undo_hadamard(values: list[float], channels: int) -> list[float]:
    """The transform is its own inverse: a scale, then sums and differences of channels 1, 2, 4 … apart."""
    scale = store([1 / math.sqrt(channels)])[0]
    planes = planes_of(store(v * scale for v in values), channels)
    half = 1
    while half < channels:
        for c in range(channels):
            if c & half == 0:
                a, b = planes[c], planes[c + half]
                planes[c] = store(x + y for x, y in zip(a, b, strict=True))
                planes[c + half] = store(x - y for x, y in zip(a, b, strict=True))
        half *= 2
    return [v for plane in planes for v in plane]


def read_rotations(side_info: bytes, channels: int) -> list[tuple[int, int, int]]:
    """(p, q, t): the planes and 256 times the tangent of half the angle."""
    reader = BitReader(side_info, "klt side information")
    pairs = [(p, q) for q in range(channels) for p in range(q)]
    count = reader.golomb(2)
    if channels > 64 or count > 4 * len(pairs):
        reader.fail("too many channels or rotations")
    rotations = []
    for _ in range(count):
        pair, sign, size = reader.bits((len(pairs) - 1).bit_length()), reader.bits(1), reader.bits(7) + 1
        if pair >= len(pairs) or size > 106:
            reader.fail("an impossible rotation")
        rotations.append((*pairs[pair], -size if sign else size))
    reader.expect_end()
    return rotations


def undo_klt(values: list[float], channels: int, side_info: bytes) -> list[float]:
    planes = planes_of(values, channels)
    for p, q, t in reversed(read_rotations(side_info, channels)):
        u = t / 256
        scale = 1 / (1 + u * u)
        cosine, sine = store([(1 - u * u) * scale, 2 * u * scale])
        a, b = planes[p], planes[q]
        planes[p] = scaled_sum(cosine, a, sine, b)
        planes[q] = scaled_sum(cosine, b, -sine, a)
    return [v for plane in planes for v in plane]


def scaled_sum(f: float, a: list[float], g: float, b: list[float]) -> list[float]:
    """f · a + g · b: both products are rounded before they are added."""
    products = zip(store(f * x for x in a), store(g * y for y in b), strict=True)
    return store(x + y for x, y in products)


def undo_rct(values: list[int]) -> list[int]:
    """Planes Y, U, V of a difference to its pixels (r, g, b), one after the other."""
    out = []
    for y, u, v in zip(*planes_of(values, 3), strict=True):
        g = y - (u + v >> 2)
        out += [v + g, g, u + g]
    return Int16.store(out)


ROOT_OF_THIRD = 0.5773502588272095  # binary32: 3F13CD3A


def undo_ycocg(values: list[float], channels: int, deep: bool) -> list[int]:
    """Planes Y, Cg, Co to pixels (r, g, b), one after the other; or the plane Y to grey."""
    y, *chroma = (store(v * ROOT_OF_THIRD for v in plane) for plane in planes_of(values, channels))
    y = store(v + 128 for v in y)
    if not chroma:
        return [sample(v, deep) for v in y]
    cg, co = chroma
    rest = store(a - b for a, b in zip(y, cg, strict=True))
    r = store(a + b for a, b in zip(rest, co, strict=True))
    g = store(a + b for a, b in zip(y, cg, strict=True))
    b = store(a - b for a, b in zip(rest, co, strict=True))
    return [sample(v, deep) for pixel in zip(r, g, b, strict=True) for v in pixel]


def sample(v: float, deep: bool) -> int:
    """Clamped, of 16 bits times 257, and rounded halves up; what is no number is 0."""
    if math.isnan(v):
        return 0
    scaled = store([min(max(v, 0.0), 255.0) * (257 if deep else 1)])[0]
    return int(store([scaled + 0.5])[0])


def undo_predict(values: list[int]) -> list[int]:
    """Planes G, R, B to pixels (r, g, b), one after the other."""
    return [v for g, r, b in zip(*planes_of(values, 3), strict=True) for v in (r, g, b)]
