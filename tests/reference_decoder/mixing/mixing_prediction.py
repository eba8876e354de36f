"""Prediction of a sample by the mixing coder (docs/format_mixing.md, "Planes" and "Prediction")."""

from .least_squares import SQUARE_TAPS, LeastSquares
from .mixing_tables import blend_weight, clamp, eighth_octave, quotient
from .pixel_depth import DeepBits, EightBits

RUNS = [
    [(0, 0, -4), (0, -1, -2), (0, -2, -2), (0, -1, 2), (0, -3, -2), (0, -2, 2)],
    [(1, 0, -4), (1, -1, -2), (0, 0, -1), (0, -1, -1), (1, -2, -1), (0, 1, -1)],
    [(2, 0, -4), (2, -1, -2), (1, 0, -1), (0, 0, -1), (1, -1, -1), (0, -1, -1)],
]
NEARBY = [(0, -2), (-2, 0), (-1, -2), (-1, 2), (-2, 1), (-2, -1)]


class Bordered:
    """A plane, or what is like one, that answers for places around it, too."""

    def __init__(self, height: int, width: int, above):
        self.height, self.width, self.above = height, width, above
        self.rows = [[above] * width for _ in range(height)]

    def at(self, y: int, x: int):
        if y < 0:
            return self.above
        y = min(y, self.height - 1)
        if x < 0:
            return self.at(y - 1, 0)
        return self.rows[y][min(x, self.width - 1)]


class Linear:
    def __init__(self, gain: int, depth: EightBits | DeepBits):
        self.gain, self.depth, self.weights = gain, depth, [0] * 24
        self.weights[3] = self.weights[6] = 32768

    def predict(self, taps: list[int]) -> int:
        self.taps = taps
        total = sum((w >> 4) * tap for w, tap in zip(self.weights, taps, strict=True))
        self.move = clamp((total >> 6) << self.depth.coarse, -64 * self.depth.top, 64 * self.depth.top)
        return self.move

    def learn(self, exact: int, power: int):
        rate = clamp(quotient(((exact - self.move) >> self.depth.coarse) * self.gain, power), -(1 << 20), 1 << 20)
        moved = (w + (tap * rate >> 8) for w, tap in zip(self.weights, self.taps, strict=True))
        self.weights = [clamp(w, -(1 << 18), 1 << 18) for w in moved]


def median(w: int, n: int, nw: int) -> int:
    if nw >= max(w, n):
        return min(w, n)
    return max(w, n) if nw <= min(w, n) else w + n - nw


class Predictor:
    """For plane c of the planes' values, which are Bordered; those before c are complete."""

    def __init__(self, values: list[Bordered], c: int, depth: EightBits | DeepBits, *, dense: bool = False):
        self.values, self.c, self.depth = values, c, depth
        self.fast, self.slow = Linear(1 << 14, depth), Linear(1 << 11, depth)
        self.errors = Bordered(values[0].height, values[0].width, [0] * 8)
        self.squares = LeastSquares(values[0].width) if dense else None

    def look(self, y: int, x: int):
        self.y, self.x = y, x
        bases = [(plane.at(y, x - 1) + plane.at(y - 1, x) + 1) >> 1 for plane in self.values[: self.c + 1]]
        self.base = bases[self.c]
        runs = [(q, dy, dx + i) for q, dy, dx in RUNS[self.c] for i in range(4)]
        taps = [(self.values[q].at(y + dy, x + dx) - bases[q]) >> self.depth.coarse for q, dy, dx in runs]
        self.power = self.depth.power_floor + sum(tap * tap for tap in taps)
        moves = [self.fast.predict(taps), self.slow.predict(taps), *self.simple_moves(bases)]
        if self.squares is not None:
            near = [self.values[q].at(y + dy, x + dx) - bases[q] for q, dy, dx in SQUARE_TAPS[self.c]]
            moves[4] = self.squares.predict(x, near)
        self.octaves = [eighth_octave(e) for e in self.errors_nearby()]
        self.blend(moves)

    def simple_moves(self, bases: list[int]) -> list[int]:
        y, x, b = self.y, self.x, self.base
        own, first = self.values[self.c], self.values[0]
        later = self.c > 0
        f = first.at(y, x) if later else 0
        places = [(y, x - 1), (y - 1, x), (y - 1, x - 1), (y - 1, x + 1)]
        w, n, nw, ne = (own.at(*place) for place in places)
        dw, dn, dnw, dne = (own.at(*place) - (first.at(*place) if later else 0) for place in places)
        last = (median(w, n, nw) + b + f - bases[0] + 1) >> 1 if later else w + ne - n
        return [
            64 * (f + median(dw, dn, dnw) - b),
            16 * (4 * f + 2 * (dw + dne) + dn - dnw) - 64 * b,
            64 * (last - b),
        ]

    def errors_nearby(self) -> list[int]:
        def at(dy, dx, k):
            return self.errors.at(self.y + dy, self.x + dx)[k]

        return [
            2 * (at(0, -1, k) + at(-1, 0, k))
            + at(-1, -1, k)
            + at(-1, 1, k)
            + (sum(at(dy, dx, k) for dy, dx in NEARBY) >> 1)
            for k in range(8)
        ]

    def blend(self, moves: list[int]):
        weights = [blend_weight(o) for o in self.depth.weight_classes(self.octaves)]
        moved = quotient(sum(w * m for w, m in zip(weights, moves, strict=True)), sum(weights))
        self.mean = clamp(64 * self.base + moved, 0, 64 * self.depth.top)
        self.opinions = [64 * self.base + m for m in moves] + [self.mean] * 3

    def learn(self, value: int):
        self.miss = [min(abs(64 * value - opinion) >> 2, self.depth.most_miss) for opinion in self.opinions]
        self.errors.rows[self.y][self.x] = self.miss
        for linear in (self.fast, self.slow):
            linear.learn(64 * (value - self.base), self.power)
        if self.squares is not None:
            self.squares.learn(self.x, value - self.base)
