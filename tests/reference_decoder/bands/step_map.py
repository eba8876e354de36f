"""Visual steps of quantize_bands: weights of bands, and the map of where steps are coarser (docs/format_bands.md)."""

from collections import defaultdict

from ..arithmetic import Float32
from ..mixing.mixing_tables import clamp
from ..numbers import ByteReader
from ..systems.subbands import HH, HL, LH, LL, Subband
from .band_coder import Counter, Parts, bounded, safe

LIMIT = 16
# The exponent of LL, then of levels 1 to 6 and more; by plane. Sixteenths of an octave, as everything here.
WEIGHTS = [(-8, 16, 6, 0, -4, -6, -8), (0, 12, 6, 2, 0, 0, 0), (8, 24, 18, 14, 12, 12, 12)]
FACTORS = Float32.store(2 ** (i / 16) for i in range(16))


def weight(subband: Subband) -> int:
    level = 0 if subband.orientation == LL else min(subband.level, 6)
    return WEIGHTS[subband.channel][level] + (4 if subband.channel == 0 and subband.orientation == HH else 0)


def scaled(step: float, exponent: int) -> float:
    factor = FACTORS[exponent % 16] * 2.0 ** (exponent // 16)
    return Float32.store([step * factor])[0]


class StepMap:
    def __init__(self, reader: ByteReader, subbands: list[Subband]):
        own = [s for s in subbands if s.channel == 0]
        self.height = -(-sum(s.height for s in own if s.orientation in (LL, LH)) // 16)
        self.width = -(-sum(s.width for s in own if s.orientation in (LL, HL)) // 16)
        sizes = [reader.varint() for _ in range(bounded(reader, reader.varint()))]
        self.decisions = Parts([reader.take(size) for size in sizes])
        reader.expect_end()
        self.counters: dict = defaultdict(Counter)
        self.cells = self.all()
        self.decisions.finish()

    def all(self) -> list[int]:
        out: list[int] = []
        last = 0
        for i in range(self.height * self.width):
            west = out[i - 1] if i % self.width else 0
            north = out[i - self.width] if i >= self.width else 0
            guess = west if i < self.width else north if i % self.width == 0 else (west + north) >> 1
            last = self.difference(min(abs(last).bit_length(), 4))
            out.append(clamp(guess + last, -LIMIT, LIMIT))
        return out

    def decide(self, *counter) -> int:
        found = self.counters[counter]
        yes = self.decisions.decide(safe(found.p))
        found.learn(yes)
        return yes

    def difference(self, context: int) -> int:
        if not self.decide(context, "nonzero"):
            return 0
        minus = self.decide(context, "minus")
        octave = 0
        while octave < 17 and self.decide(context, octave):
            octave += 1
        v = 1
        for _ in range(octave):
            v = v << 1 | self.decisions.decide(32768)
        return -v if minus else v

    def exponents(self, s: Subband) -> list[int]:
        """For each coefficient: the weight of its band, and what the map says of its place."""
        if s.orientation == LL:
            return [weight(s)] * s.size
        rows = [between(y, s.level, self.height) for y in range(s.height)]
        columns = [between(x, s.level, self.width) for x in range(s.width)]
        return [weight(s) + (self.at(row, column) + 64 >> 7) for row in rows for column in columns]

    def at(self, row: tuple[int, int, int], column: tuple[int, int, int]) -> int:
        """In 1024 half octaves."""
        (above, below, down), (left, right, along) = row, column
        left, right = (
            self.cells[above * self.width + x] * (32 - down) + self.cells[below * self.width + x] * down
            for x in (left, right)
        )
        return left * (32 - along) + right * along


def between(at: int, level: int, cells: int) -> tuple[int, int, int]:
    place = clamp((2 * at + 1 << level) - 16, 0, 32 * (cells - 1))
    return place >> 5, min((place >> 5) + 1, cells - 1), place & 31
