"""What is around a coefficient, and the contexts made of it (docs/format_bands.md, "Around a coefficient")."""

from ..mixing.mixing_tables import clamp, leading

THRESHOLDS = (1, 2, 3, 4, 5, 6, 8, 10, 14, 18, 26, 42, 74, 138)
HL, LH, HH = range(3)


def size_class(v: int) -> int:
    return sum(v >= limit for limit in (1, 2, 3, 5, 9, 17, 40))


def place_of(expected: int) -> tuple[int, int]:
    """The class below, and how far beyond it, of 1024."""
    octave, part = leading(min(expected, 65535) + 4, 12)
    return divmod(min(4096 * (octave - 2) + part, 48127), 1024)


class Band:
    """Signed values of a band as they become known; zeros all around."""

    def __init__(self, height: int, width: int):
        self.height, self.width = height, width
        self.rows = [[0] * (width + 4) for _ in range(height + 4)]

    def at(self, y: int, x: int) -> int:
        return self.rows[y + 2][x + 2]

    def magnitude(self, y: int, x: int) -> int:
        return abs(self.at(y, x))

    def set(self, y: int, x: int, value: int):
        self.rows[y + 2][x + 2] = value

    def finish(self):
        """What is around each place, once all is known."""
        m = [[abs(v) for v in row] for row in self.rows]
        self.sums = [
            [
                min(
                    2 * (m[y][x - 1] + m[y][x + 1] + m[y - 1][x] + m[y + 1][x])
                    + (m[y - 1][x - 1] + m[y - 1][x + 1] + m[y + 1][x - 1] + m[y + 1][x + 1]),
                    65535,
                )
                for x in range(2, self.width + 2)
            ]
            for y in range(2, self.height + 2)
        ]

    def beside(self, y: int, x: int, shift: int) -> tuple[int, int, int]:
        """Magnitude, what is around it, and sign (0, 1, 2), where a finer band has (y, x)."""
        y, x = min(y >> shift, self.height - 1), min(x >> shift, self.width - 1)
        value = self.at(y, x)
        return abs(value), self.sums[y][x], 1 + (value > 0) - (value < 0)


NOTHING = (0, 0, 1)


def looked_up(band: Band | None, y: int, x: int, shift: int) -> tuple[int, int, int]:
    return NOTHING if band is None or band.height == 0 or band.width == 0 else band.beside(y, x, shift)


class Around:
    """What is around one coefficient; `bands` are the known ones by (channel, level, orientation)."""

    def __init__(self, bands: dict, key: tuple[int, int, int], y: int, x: int):
        c, level, o = key
        band = bands[key]
        self.channel, self.orientation = c, o
        self.set = (4 * c + min(level, 4) - 1) * 2 + (o == HH)
        m = band.magnitude
        self.w, self.n, self.nw, self.ne = m(y, x - 1), m(y - 1, x), m(y - 1, x - 1), m(y - 1, x + 1)
        self.ww, self.nn = m(y, x - 2), m(y - 2, x)
        self.far = m(y - 2, x - 1) + m(y - 2, x + 1) + m(y - 1, x - 2) + m(y - 1, x + 2)
        self.own = 2 * (self.w + self.n) + self.nw + self.ne
        self.parent = looked_up(bands.get((c, level + 1, o)), y, x, 1)
        self.first = looked_up(bands[c, level, HL] if o != HL else None, y, x, 0)
        self.second = looked_up(bands[c, level, LH] if o == HH else None, y, x, 0)
        luma, shift = (bands[0, level, o], 0) if c else (bands.get((0, level + 2, o)), 2)
        self.luma = looked_up(luma, y, x, shift)
        self.chroma = looked_up(bands[1, level, o] if c == 2 else None, y, x, 0)
        self.signs = self.sign_contexts(band, y, x, min(level, 4) - 1)

    @property
    def quiet(self) -> bool:
        others = (self.parent, self.first, self.second, self.luma, self.chroma)
        return self.own + self.ww + self.nn + self.far + sum(p[0] + p[1] for p in others) == 0

    def along_across(self) -> tuple[int, int, int, int]:
        """Neighbours along the structures of the band, and across, each the nearer and the further one."""
        if self.orientation == LH:
            return self.w, self.ww, self.n, self.nn
        return self.n, self.nn, self.w, self.ww

    def places(self) -> list[tuple[int, int]]:
        along, along2, across, across2 = self.along_across()
        expected = 56 * along + 12 * along2 + 46 * across + 4 * across2 + 10 * self.nw + 20 * self.ne + 2 * self.far
        expected += 13 * self.parent[0] + 2 * self.parent[1] + 5 * (self.first[0] + self.second[0])
        if self.channel:
            expected += self.luma[1] + 24 * self.chroma[0]
        nearby = 62 * (self.w + self.n) + 31 * (self.nw + self.ne) + 15 * (self.ww + self.nn)
        return [place_of(expected + 10), place_of(nearby + 62 * self.parent[0] + 4 * self.parent[1] + 5)]

    def contexts(self, expected: int) -> list[int]:
        e16 = min(15, expected // 3)
        along, along2, across, across2 = self.along_across()
        parent, first, second, luma, chroma = self.parent, self.first, self.second, self.luma, self.chroma
        small = 4 * min(across, 3) + min(along, 3)
        s = size_class
        other = 8 * s(luma[0]) + s(luma[1] >> 1) if self.channel else 8 * s(self.far) + s(self.own)
        third = (luma[1] >> 1, self.own, 2 * chroma[0] + (chroma[1] >> 2))[self.channel]
        sister = second[0] + (second[1] >> 2) if self.orientation == HH else self.own
        last = e16 >> 1 if self.channel else s(first[0] + second[0] + parent[0])
        return [
            128 * self.orientation + 8 * e16 + s(luma[0] + chroma[0]),
            64 * s(across) + 8 * s(along) + s(self.nw + self.ne),
            64 * s(parent[0]) + 8 * s(parent[1] >> 1) + s(self.own),
            64 * s(first[0]) + 8 * s(first[1] >> 1) + s(sister),
            8 * other + s(third),
            256 * (parent[0] > 0) + 16 * small + 4 * min(self.nw, 3) + min(self.ne, 3),
            64 * (e16 >> 1) + 16 * min(parent[0], 3) + small,
            64 * s(along2 + across2) + 8 * s(self.far) + last,
        ]

    def sign_contexts(self, band: Band, y: int, x: int, level: int) -> list[int]:
        def sign(dy: int, dx: int) -> int:
            return clamp(band.at(y + dy, x + dx), -1, 1) + 1

        o = self.orientation
        two = 3 * sign(0, -1) + sign(-1, 0)
        further, diagonal = 3 * sign(0, -2) + sign(-2, 0), 3 * sign(-1, -1) + sign(-1, 1)
        luma = self.luma[2] if self.channel else 1
        return [
            (3 * two + o) * 4 + level,
            3 * (9 * two + further) + o,
            (((3 * luma + self.chroma[2]) * 3 + self.channel) * 3 + o) * 4 + level,
            3 * (9 * two + diagonal) + o,
            ((9 * self.parent[2] + two) * 3 + o) * 4 + level,
        ]
