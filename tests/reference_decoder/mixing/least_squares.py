"""Local least squares of dense tiles (docs/format_mixing.md, "Dense tiles")."""

from .mixing_tables import clamp, quotient

SQUARE_TAPS = [
    [
        *((0, 0, -1), (0, -1, 0), (0, -1, -1), (0, -1, 1), (0, 0, -2), (0, -2, 0), (0, -1, -2), (0, -1, 2)),
        *((0, -2, -1), (0, -2, 1), (0, 0, -3), (0, -3, 0), (0, -2, -2), (0, -2, 2), (0, -3, -1), (0, -3, 1)),
    ],
    [
        *((1, 0, -1), (1, -1, 0), (1, -1, -1), (1, -1, 1), (1, 0, -2), (1, -2, 0), (1, -1, -2), (1, -1, 2)),
        *((0, 0, 0), (0, 0, -1), (0, -1, 0), (0, 0, 1), (0, 1, 0), (0, -1, -1), (0, -1, 1), (0, 1, -1)),
    ],
    [
        *((2, 0, -1), (2, -1, 0), (2, -1, -1), (2, -1, 1), (2, 0, -2), (2, -2, 0), (1, 0, 0), (1, 0, -1)),
        *((1, -1, 0), (1, 0, 1), (1, 1, 0), (0, 0, 0), (0, 0, -1), (0, -1, 0), (0, 0, 1), (0, 1, 0)),
    ],
]
NONE = [0] * (16 * 17)


class LeastSquares:
    """Sums are lists: of tap i times tap j at 16 i + j, then of the target times tap j."""

    def __init__(self, width: int):
        self.columns = [NONE] * width
        self.weights = [32768, 32768] + [0] * 14

    def begin_row(self):
        self.before = self.current = NONE
        self.right = [NONE] * len(self.columns)
        for x in range(len(self.columns) - 2, -1, -1):
            sums = [r + c for r, c in zip(self.right[x + 1], self.columns[x + 1], strict=True)]
            self.right[x] = [s - (s >> 3) for s in sums]

    def predict(self, x: int, taps: list[int]) -> int:
        if x == 0:
            self.begin_row()
        self.taps = taps
        self.before = [b - (b >> 3) + c for b, c in zip(self.before, self.columns[x], strict=True)]
        if x % 2 == 0:
            self.refine([sum(s) for s in zip(self.before, self.right[x], self.current, strict=True)])
        move = sum((w >> 4) * tap for w, tap in zip(self.weights, taps, strict=True)) >> 6
        return clamp(move, -255 * 64, 255 * 64)

    def refine(self, sums: list[int]):
        for i in range(16):
            row, own = sums[16 * i : 16 * i + 16], self.weights[i]
            fit = sum(s * w for s, w in zip(row, self.weights, strict=True))
            slope = (sums[256 + i] << 16) - fit - 256 * own
            moved = own + quotient(slope, row[i] + 256 + (row[i] >> 6))
            self.weights[i] = clamp(moved, -(1 << 18) + 1, (1 << 18) - 1)

    def learn(self, x: int, target: int):
        products = [by * tap << 5 for by in (*self.taps, target) for tap in self.taps]
        self.columns[x] = [c + ((p - c) >> 2) for c, p in zip(self.columns[x], products, strict=True)]
        here = [c + (p >> 2) for c, p in zip(self.current, products, strict=True)]
        self.current = [h - (h >> 3) for h in here]
