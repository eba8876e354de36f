"""Tiles of graphics: pixels that repeat, and windows (docs/format_flat.md)."""

from collections import defaultdict
from collections.abc import Callable

from ..numbers import ByteReader
from .flat_bytes import PixelBytes, trust
from .mixing_decisions import BinaryRans, Mixer
from .mixing_tables import STRETCH, clamp, squash

COLORS, GREY, PALETTE = range(3)
Planes = list[list[list[int]]]
M64 = (1 << 64) - 1


class Graphic:
    """A tile: `values` are its planes. `window(bytes, planes, height, width)` decodes a window."""

    def __init__(self, data: bytes, shape: tuple[int, int, int], window: Callable[..., Planes]):
        planes, height, width = shape
        reader = ByteReader(data, "ans payload (mixing), a tile of graphics")
        self.values = [[[0] * width for _ in range(height)] for _ in range(planes)]
        form = reader.u8()
        if form > 2 or (planes == 1 and form != GREY):
            reader.fail("a form of pixels that this picture cannot have")
        covered = [[False] * width for _ in range(height)]
        for (left, top, w, h), size in self.windows(reader, height, width):
            for plane, part in zip(self.values, window(reader.take(size), planes, h, w), strict=True):
                for y in range(h):
                    plane[top + y][left : left + w] = part[y]
            for row in covered[top : top + h]:
                if any(row[left : left + w]):
                    reader.fail("a window over another one")
                row[left : left + w] = [True] * w
        count = reader.u8() + 1 if form == PALETTE else 0
        palette = [tuple(reader.u8() for _ in range(3)) for _ in range(count)]
        rest = reader.take(len(data) - reader.at)
        if all(map(all, covered)):
            if rest:
                reader.fail("bytes are left over")
            return
        rans = BinaryRans(rest)
        pixels = FlatPixels(rans, covered, 3 if form == COLORS else 1)
        pixels.all()
        rans.finish()
        for y, row in enumerate(pixels.rows):
            for x, v in enumerate(row):
                if covered[y][x]:
                    continue
                if form == PALETTE and v >= count:
                    reader.fail("a pixel that is not in the list of colours")
                samples = palette[v] if form == PALETTE else (v & 255, v >> 8 & 255, v >> 16)
                for p, plane in enumerate(self.values):
                    plane[y][x] = v if form == GREY else samples[p]

    @staticmethod
    def windows(reader: ByteReader, height: int, width: int) -> list[tuple[tuple[int, ...], int]]:
        count = reader.varint()
        if count > max(16, width * height // 256):
            reader.fail("more windows than there is room for")
        places = [tuple(reader.varint() for _ in range(4)) for _ in range(count)]
        for left, top, w, h in places:
            if not (0 < w <= min(768, width - left) and 0 < h <= min(768, height - top)):
                reader.fail("a window that is not in the tile")
        return [(place, size) for place, size in zip(places, [reader.varint() for _ in places], strict=True)]


class FineCounter:
    def __init__(self):
        self.probability, self.visits = 1 << 21, 0

    def learn(self, yes: int):
        miss = ((1 << 22) - 1) * yes - self.probability
        self.probability += miss * (655360 // (10 * self.visits + 16)) >> 16
        self.visits = min(self.visits + 1, 250)

    def logit(self) -> int:
        return STRETCH[self.probability >> 10] * trust(self.visits) >> 8


class FlatPixels:
    def __init__(self, rans: BinaryRans, covered: list[list[bool]], components: int):
        self.rans, self.covered = rans, covered
        self.height, self.width = len(covered), len(covered[0])
        self.rows = [[0] * self.width for _ in covered]
        self.bytes = PixelBytes(rans, components)
        self.followers = [defaultdict(lambda: (0, 0, 0)) for _ in range(3)]  # pixel, check, count
        self.places: dict[int, tuple[int, int]] = {}
        self.counters = defaultdict(FineCounter)
        self.mixers = defaultdict(lambda: Mixer([20000, 20000, 20000, 0]))

    def all(self):
        for y in range(self.height):
            self.last, self.match = 0, None
            for x in range(self.width):
                if not self.covered[y][x]:
                    self.rows[y][x] = self.pixel(y, x)

    def at(self, y: int, x: int) -> int:
        if y < 0:
            return 0
        if x < 0:
            return self.rows[y - 1][0] if y > 0 else 0
        return self.rows[y][min(x, self.width - 1)]

    def pixel(self, y: int, x: int) -> int:
        def near(dy: int, dx: int) -> int:
            return self.at(y + dy, x + dx)

        self.around = [near(0, -1), near(-1, 0), near(-1, -1), near(-1, 1), near(0, -2), near(-2, 0)]
        w, n, nw, ne, ww, nn = self.around
        reach2 = hashed(1, [w, n, nw, ne])
        reach1 = hashed(reach2, [ww, nn, near(-1, 2)])
        further = [near(0, -3), near(-1, -2), near(-2, -1), near(-2, 1), near(-1, 3), near(-3, 0)]
        hashes = [hashed(reach1, further), reach1, reach2]
        self.look(hashes[0] >> 48, y, x)
        pixel = self.choose(hashes)
        self.learn(hashes, pixel)
        return pixel

    def look(self, index: int, y: int, x: int):
        if self.match is None and index in self.places:
            self.match = (*self.places[index], 0)
        self.places[index] = (y, x)

    def match_class(self) -> int:
        return 0 if self.match is None else 1 + sum(self.match[2] >= n for n in (2, 9, 21, 41, 101, 301, 1001))

    def choose(self, hashes: list[int]) -> int:
        w, n, nw, ne, ww, nn = self.around
        found = [table[h >> 48] for table, h in zip(self.followers, hashes, strict=True)]
        k = [
            min(count, 7) + (count > 20) if count and check == h >> 20 & 0xFFFF else 0
            for (_, check, count), h in zip(found, hashes, strict=True)
        ]
        m, self.trusts = self.match_class(), k
        before = [self.rows[self.match[0]][self.match[1]]] if m >= 2 else []
        before = distinct([*before, *(f[0] for f, trusted in zip(found, k, strict=True) if trusted)])
        candidates = distinct([*before, w, n, nw, ne, ww])
        c = candidates[0]
        i = next((i for i in range(3) if k[i]), 3)
        agree = (found[0][0] == w) + 2 * (k[1] > 0 and found[1][0] == found[0][0]) if k[0] else 0
        equal = (w == n) | (n == nw) << 1 | (n == ne) << 2 | (w == ww) << 3 | (n == nn) << 4
        support = 0 if i == 3 else 2 if found[i][0] != c else 3 if i == 2 else 1
        source = (9 * i + (k[i] if i < 3 else 0)) * 3 + self.last
        if m >= 2:
            source = 3 * m + self.last
            shape = ((source * 9 + k[0]) * 4 + support) * 3 + (0 if c == w else 1 if c == n else 2)
        else:
            shape = (source * 4 + agree) * 32 + equal
        counts = ((81 * k[0] + 9 * k[1] + k[2]) * 4 + agree) * 2 + (k[2] > 0 and found[2][0] == c)
        keys = [("shape", m >= 2, shape), ("counts", counts), ("near", hashes[2] >> 48)]
        if self.first([self.counters[key] for key in keys], self.mixers[m >= 2, source]):
            self.last = 0
            return c
        for j, candidate in enumerate(candidates[1:], 1):
            later = ((5 * j + len(before)) * 32 + equal) * 3 + self.last
            if self.direct(self.counters["later", later]):
                self.last = 1
                return candidate
        self.last = 2
        return self.bytes.pixel(self.around)

    def first(self, counters: list[FineCounter], mixer: Mixer) -> int:
        if counters[0].probability > 64000 << 6:
            return self.direct(counters[0])
        yes = self.rans.decide(squash(mixer.mix([*(counter.logit() for counter in counters), 256])))
        mixer.learn(yes)
        for counter in counters:
            counter.learn(yes)
        return yes

    def direct(self, counter: FineCounter) -> int:
        yes = self.rans.decide(clamp(counter.probability >> 6, 1, 65535))
        counter.learn(yes)
        return yes

    def learn(self, hashes: list[int], pixel: int):
        for table, h, trusted in zip(self.followers, hashes, self.trusts, strict=True):
            known, check, count = table[h >> 48]
            if trusted and known == pixel:
                table[h >> 48] = known, check, min(count + 1, 255)
            elif trusted and count > 3:
                table[h >> 48] = known, check, count // 4
            else:
                table[h >> 48] = pixel, h >> 20 & 0xFFFF, 1
        if self.match is not None:
            row, column, length = self.match
            goes_on = self.rows[row][column] == pixel and column + 1 < self.width
            self.match = (row, column + 1, length + 1) if goes_on else None


def hashed(h: int, pixels: list[int]) -> int:
    for pixel in pixels:
        h = ((h ^ pixel) * 0x9E3779B97F4A7C15 + (h >> 29)) & M64
    return h


def distinct(pixels: list[int]) -> list[int]:
    return list(dict.fromkeys(pixels))
