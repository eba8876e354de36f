"""Exact samples of 8 bits by the fast model (docs/format_fast.md)."""

from collections import defaultdict

from ..numbers import ByteReader, FormatError
from .mixing_decisions import Rans
from .mixing_prediction import Bordered, median
from .mixing_tables import clamp, octave_class

CODED, CONSTANT, COPY, RAW = range(4)
RUNS = [
    [(0, 0, -8), (0, 0, -4), (0, -1, -3), (0, -1, 1), (0, -2, -3), (0, -2, 1), (0, -3, -3), (0, -3, 1)],
    [(0, 1, -1), (1, 0, -4), (1, -1, -3), (1, -1, 1), (0, 0, -3), (0, 0, 1), (0, -1, -3), (0, -1, 1)],
    [(1, 1, -1), (2, 0, -4), (2, -1, -3), (2, -1, 1), (1, 0, -3), (1, 0, 1), (0, 0, -3), (0, 0, 1)],
]
NEARBY = [(0, -1), (0, -1), (-1, 0), (-1, 0), (-1, -1), (-1, 1), (0, -2), (-1, 2)]


def limited(v: int) -> int:
    return clamp(v, -(1 << 15), (1 << 15) - 1)


def octave_bits(v: int, n: int) -> tuple[int, int]:
    """The place of the leading bit, and the n bits behind it."""
    octave = v.bit_length() - 1
    behind = v - (1 << octave)
    return octave, behind << (n - octave) if octave <= n else behind >> (octave - n)


class IntervalRans(Rans):
    def slot(self) -> int:
        return self.state & 0x7FFF

    def take(self, first: int, end: int):
        self.go_on((self.state >> 15) * (end - first) + self.slot() - first)

    def bits(self, n: int) -> int:
        v = self.slot() >> (15 - n)
        self.take(v << (15 - n), (v + 1) << (15 - n))
        return v


class Distribution:
    def __init__(self, cls: int):
        mean = ((256, 323, 406)[cls % 3] << (cls // 3)) * 179 // 512
        theta = (mean << 16) // (mean + (512 << low_bits(cls)))
        shares, part = [], 1 << 16
        for i in range(32):
            part = part * theta >> 16 if i % 2 else part
            shares.append(part + 8)
        self.starts = [32767 * sum(shares[:i]) // sum(shares) for i in range(32)]
        self.age = 152

    def learn(self, symbol: int):
        rate = self.age >> 5
        self.starts = [d + (((32767 if i > symbol else 0) - d) >> rate) for i, d in enumerate(self.starts)]
        self.age = min(self.age + 1, 224)


def low_bits(cls: int) -> int:
    return 0 if cls < 16 else (cls // 2 - 5) // 2


class FastTile:
    def __init__(self, data: bytes, shape: tuple[int, int, int]):
        planes, self.height, self.width = shape
        self.values = [Bordered(self.height, self.width, 128) for _ in range(planes)]
        self.residuals = [Bordered(self.height, self.width, 0) for _ in range(planes)]
        reader = ByteReader(data, "ans payload (mixing), a tile")
        modes = reader.u8()
        each = [modes >> 2 * c & 3 for c in range(4)]
        if each[0] == COPY or any(each[planes:]):
            reader.fail("unknown modes")
        for c, mode in enumerate(each[:planes]):
            if mode == CONSTANT:
                self.values[c].rows = [[value] * self.width for value in [reader.u8()] * self.height]
            if mode == RAW:
                self.values[c].rows = [[reader.u8() for _ in range(self.width)] for _ in range(self.height)]
        coded = [c for c in range(planes) if each[c] == CODED]
        sizes = [reader.varint() for _ in coded]
        streams = {c: reader.take(size) for c, size in zip(coded, sizes, strict=True)}
        reader.expect_end()
        for c, mode in enumerate(each[:planes]):
            if mode == COPY:
                self.values[c].rows, self.residuals[c].rows = self.values[0].rows, self.residuals[0].rows
            if mode == CODED:
                PlaneDecoder(self, c, streams[c]).all()


class PlaneDecoder:
    def __init__(self, tile: FastTile, c: int, stream: bytes):
        self.tile, self.c, self.rans = tile, c, IntervalRans(stream)
        self.weights = [[0] * 32, [0] * 32]
        for weights in self.weights:
            weights[7] = weights[11] = 8192
        self.errors = Bordered(tile.height, tile.width, [0] * 5)
        self.distributions = defaultdict(dict)

    def all(self):
        for y in range(self.tile.height):
            for x in range(self.tile.width):
                self.sample(y, x)
        self.rans.finish()

    def sample(self, y: int, x: int):
        self.look(y, x)
        errors = self.blend(y, x)
        centre = (self.mean + 32) >> 6
        cls = clamp(octave_class(16 * errors[4], 3) - 20, 0, 23)
        value = centre + self.index(self.chosen(y, x, cls, centre), low_bits(cls))
        if not 0 <= value <= 255:
            raise FormatError("ans payload (mixing): a sample outside of 0 to 255")
        self.tile.values[self.c].rows[y][x] = value
        self.learn(y, x, value)

    # ---- prediction

    def look(self, y: int, x: int):
        values, c = self.tile.values, self.c
        bases = [(plane.at(y, x - 1) + plane.at(y - 1, x) + 1) >> 1 for plane in values[: c + 1]]
        self.base = bases[c]
        runs = [(q, dy, dx + i) for q, dy, dx in RUNS[c] for i in range(4)]
        self.taps = [values[q].at(y + dy, x + dx) - bases[q] for q, dy, dx in runs]
        linear = [sum(w * tap for w, tap in zip(weights, self.taps, strict=True)) >> 8 for weights in self.weights]
        w, n, nw, ne = around(values[c], y, x)
        first = 0
        if c > 0:
            first = values[0].at(y, x)
            w, n, nw, ne = (a - b for a, b in zip((w, n, nw, ne), around(values[0], y, x), strict=True))
        simple = [
            64 * (first + median(w, n, nw) - self.base),
            64 * (first - self.base) + 16 * (2 * (w + ne) + n - nw),
        ]
        self.opinions = [limited(v) for v in linear + simple]

    def blend(self, y: int, x: int) -> list[int]:
        near = [self.errors.at(y + dy, x + dx) for dy, dx in NEARBY]
        errors = [sum(e) >> 4 for e in zip(*near, strict=True)]
        weights = []
        for e in errors[:4]:
            octave, behind = octave_bits((e + 16) ** 2, 23)
            weights.append(max(1, ((1 << 24) - behind) >> (octave + 2)))
        top = sum(w * opinion for w, opinion in zip(weights, self.opinions, strict=True))
        octave, behind = octave_bits(sum(weights), 9)
        move = top * ((1 << 25) // (1025 + 2 * behind)) >> (octave + 15)
        self.mean = clamp(64 * self.base + move, 0, 16320)
        return errors

    def learn(self, y: int, x: int, value: int):
        blend = self.mean - 64 * self.base
        missed = [limited(64 * (value - self.base) - opinion) for opinion in [*self.opinions, blend]]
        errors = [min(4095, abs(m)) for m in missed]
        self.errors.rows[y][x] = errors
        self.tile.residuals[self.c].rows[y][x] = errors[4] >> 4
        octave, behind = octave_bits(64 + sum(tap * tap for tap in self.taps), 4)
        gains = [limited(m * ((1 << 21) // (33 + 2 * behind)) >> (octave + 2)) for m in missed[:2]]
        gains[1] >>= 4
        self.weights = [
            [limited(w + ((64 * tap * gain + (1 << 14)) >> 15)) for w, tap in zip(weights, self.taps, strict=True)]
            for weights, gain in zip(self.weights, gains, strict=True)
        ]

    # ---- distributions

    def chosen(self, y: int, x: int, cls: int, centre: int) -> list[Distribution]:
        w, n, nw, ne = around(self.tile.values[self.c], y, x)
        guesses = [w, nw, w + n - nw, ne]
        if self.c > 0:
            before = self.tile.values[self.c - 1]
            p = before.at(y, x)
            pw, pn, _, pne = around(before, y, x)
            guesses = [w, w + p - pw, n + p - pn, ne + p - pne]
        a, b, c, d = (place(guess - centre) for guess in guesses)
        phase = sum((self.mean + 32) % 64 >= least for least in (21, 43))
        return [
            self.distribution("error", (cls, self.cross_class(y, x), phase), cls),
            self.distribution("west", (cls // 2, a, b), cls | 1),
            self.distribution("north", (cls // 2, c, d), cls | 1),
        ]

    def distribution(self, table: str, context: tuple[int, ...], cls: int) -> Distribution:
        seen = self.distributions[table]
        if context not in seen:
            seen[context] = Distribution(cls)
        return seen[context]

    def cross_class(self, y: int, x: int) -> int:
        if self.c == 0:
            return 0
        r = self.tile.residuals[self.c - 1]
        v = 4 * r.at(y, x) + sum(r.at(*at) for at in ((y, x + 1), (y + 1, x), (y, x - 1), (y - 1, x)))
        if self.c == 2:
            v = (v + 2 * self.tile.residuals[0].at(y, x)) * 2 // 3
        return min(9, (v >> 3).bit_length())

    def index(self, distributions: list[Distribution], low: int) -> int:
        averages = [
            (error + ((west + north + 1) >> 1) + 1) >> 1
            for error, west, north in zip(*(d.starts for d in distributions), strict=True)
        ]
        starts = [v - (v >> 8) + 4 * i for i, v in enumerate(averages)] + [1 << 15]
        slot = self.rans.slot()
        symbol = sum(start <= slot for start in starts) - 1
        self.rans.take(starts[symbol], starts[symbol + 1])
        for distribution in distributions:
            distribution.learn(symbol)
        if symbol == 31:
            length = self.rans.bits(4)
            symbol += (1 << length) + self.rans.bits(length) - 1
        index = -(symbol + 1) // 2 if symbol % 2 else symbol // 2
        return (index << low) + self.rans.bits(low) if low else index


def place(difference: int) -> int:
    size = sum(abs(difference) >= least for least in (1, 2, 6))
    return 3 - size if difference < 0 else 3 + size


def around(plane: Bordered, y: int, x: int) -> tuple[int, ...]:
    """w, n, nw, ne."""
    return plane.at(y, x - 1), plane.at(y - 1, x), plane.at(y - 1, x - 1), plane.at(y - 1, x + 1)
