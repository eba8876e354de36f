"""coder=mixing: the planes of a picture, sample by sample (docs/format_mixing.md)."""

from collections import defaultdict

from . import band_coder
from .mixing_decisions import BinaryRans, Contexts, Decisions
from .mixing_prediction import Bordered, Predictor
from .mixing_tables import cdf, clamp, eighth, eighth_octave, logarithm, octave_class, quotient, sharpness
from .numbers import ByteReader, FormatError
from .subbands import Subband

CODED, CONSTANT, COPY, RAW = range(4)


def decode(side_info: bytes, payload: bytes, subbands: list[Subband]) -> list[int]:
    if side_info == b"\x02":
        if not band_coder.fits(subbands):
            raise FormatError("ans side information (mixing): the symbols are no bands of three planes")
        return band_coder.decode(payload, subbands)
    height, width = subbands[0].height, subbands[0].width
    if len(side_info) != 3 or side_info[0] != 1 or side_info[1] > 100 or not 6 <= side_info[2] <= 9:
        raise FormatError("ans side information (mixing): not what a picture has")
    bound, side = side_info[1], 1 << side_info[2]
    reader = ByteReader(payload, "ans payload (mixing)")
    areas = [(top, left) for top in parts(height, side) for left in parts(width, side)]
    sizes = [reader.varint() for _ in areas]
    planes = [[[0] * width for _ in range(height)] for _ in range(3)]
    for (rows, columns), size in zip(areas, sizes, strict=True):
        tile = Tile(reader.take(size), len(rows), len(columns), bound)
        for plane, values in zip(planes, tile.values, strict=True):
            for y, row in zip(rows, values.rows, strict=True):
                plane[y][columns.start : columns.stop] = row
    if reader.at != len(payload):
        reader.fail("bytes are left over")
    return [sample for plane in planes for row in plane for sample in row]


def parts(n: int, side: int) -> list[range]:
    k = max(1, (n + side // 2 - 1) // side)
    return [range(i * n // k, (i + 1) * n // k) for i in range(k)]


class Tile:
    def __init__(self, data: bytes, height: int, width: int, bound: int):
        self.height, self.width, self.bound = height, width, bound
        self.values = [Bordered(height, width, 128) for _ in range(3)]
        self.residuals = [Bordered(height, width, 0) for _ in range(3)]
        reader = ByteReader(data, "ans payload (mixing), a tile")
        modes = reader.u8()
        self.modes = [modes >> 2 * c & 3 for c in range(3)]
        if modes >= (128 if bound else 64) or self.modes[0] == COPY:
            reader.fail("unknown modes")
        if modes & 64:
            self.bound = 0
        for c, mode in enumerate(self.modes):
            if mode == CONSTANT:
                self.values[c].rows = [[value] * width for value in [reader.u8()] * height]
            if mode == RAW:
                self.values[c].rows = [list(reader.take(width)) for _ in range(height)]
        rest = reader.take(len(data) - reader.at)
        rans = BinaryRans(rest) if CODED in self.modes else None
        for c, mode in enumerate(self.modes):
            if mode == COPY:
                self.values[c].rows, self.residuals[c].rows = self.values[0].rows, self.residuals[0].rows
            if mode == CODED:
                PlaneDecoder(self, c, rans).all()
        if rans is not None:
            rans.finish()
        elif rest:
            reader.fail("bytes are left over")


class PlaneDecoder:
    def __init__(self, tile: Tile, c: int, rans: BinaryRans):
        self.tile, self.c = tile, c
        self.predictor = Predictor(tile.values, c)
        self.decisions = Decisions(rans)
        self.scales = defaultdict(dict)  # (opinion, class, cross) -> {mean, age}

    def all(self):
        for y in range(self.tile.height):
            for x in range(self.tile.width):
                self.sample(y, x)

    def sample(self, y: int, x: int):
        p, bound = self.predictor, self.tile.bound
        p.look(y, x)
        self.centre, self.step = (p.mean + 32) >> 6, 2 * bound + 1
        self.classify(y, x)
        self.low = [0] * 8
        self.high = [(1 << 23) + 8 * (256 + 2 * bound)] * 8
        least = -((self.centre + bound) // self.step)
        most = (255 - self.centre + bound) // self.step
        value = clamp(self.centre + self.index(least, most) * self.step, 0, 255)
        self.tile.values[self.c].rows[y][x] = value
        self.tile.residuals[self.c].rows[y][x] = (64 * value - p.mean) >> 4
        p.learn(value)
        for cell, miss in zip(self.cells, p.miss, strict=True):
            shift = 1 + sum(cell["age"] >= age for age in (1, 3, 7, 20, 60))
            cell["mean"] += (256 * miss - cell["mean"]) >> shift
            cell["age"] = min(cell["age"] + 1, 200)

    # ---- classes of a sample

    def classify(self, y: int, x: int):
        cross = self.cross_class(y, x)
        classes = [min(63, o >> 1) for o in self.predictor.octaves]
        classes[6], classes[7] = self.activity(y, x)
        self.cells = [self.scale_cell(k, q, cross) for k, q in enumerate(classes)]
        self.sharp = [sharpness(eighth_octave(max(16, cell["mean"]))) for cell in self.cells]
        self.contexts = self.sample_contexts(y, x, cross, classes[5])

    def scale_cell(self, k: int, q: int, cross: int) -> dict[str, int]:
        cell = self.scales[k, q, cross]
        if not cell:
            first = 215 if q == 0 else (256, 304, 362, 431)[(q - 1) % 4] << ((q - 1) // 4)
            cell.update(mean=min(10**6, first + 64), age=0)
        return cell

    def cross_class(self, y: int, x: int) -> int:
        if self.c == 0:
            return 0
        r = self.tile.residuals[self.c - 1]
        v = 4 * abs(r.at(y, x)) + sum(abs(r.at(*at)) for at in ((y, x + 1), (y + 1, x), (y, x - 1), (y - 1, x)))
        if self.c == 2:
            v = quotient((v + 2 * abs(self.tile.residuals[0].at(y, x))) * 2, 3)
        return min(23, octave_class(v, 2))

    def activity(self, y: int, x: int) -> tuple[int, int]:
        r = self.tile.residuals[self.c]
        w, n, nw, ne, ww, nn, nne = neighbours(self.tile.values[self.c], y, x)
        rw, rn, rnw, rne, rww, rnn, _ = (abs(v) for v in neighbours(r, y, x))
        pairs = ((w, ww), (n, nw), (ne, n), (w, nw), (n, nn), (ne, nne))
        gradients = sum(abs(a - b) for a, b in pairs) + ((rw + rn) >> 1)
        misses = 2 * (rw + rn) + rnw + rne + rww + rnn
        return min(63, octave_class(4 * gradients, 4)), min(63, octave_class(misses, 4))

    def sample_contexts(self, y: int, x: int, cross: int, energy: int) -> Contexts:
        z = self.centre
        w, n, nw, ne, ww, nn, _ = neighbours(self.tile.values[self.c], y, x)
        tail = min(7, cross >> 1 if self.c else energy >> 3)
        if self.c == 0:
            flags = [nn == n, n == ne, w == n, w == ww, n == nw, w == nw]
            a, b, c = nw, ne, w + n - nw
            d, e, f = 2 * w - ww, 2 * n - nn, ne + w - n
        else:
            first, before = self.tile.values[0], self.tile.values[self.c - 1]
            g, p = first.at(y, x), before.at(y, x)
            gw, gn, gnw, *_ = neighbours(first, y, x)
            pw, pn, _, pne, *_ = neighbours(before, y, x)
            flags = [g == gw, g == gn, w == n, w == ww, n == nw, p == pw if self.c == 2 else w == nw]
            a, b, c = w + g - gw, n + g - gn, nw + g - gnw
            d, e, f = w + p - pw, n + p - pn, ne + p - pne
        equal = sum(flag << i for i, flag in enumerate(flags))
        near = 8 * eighth(w - z) + eighth(n - z)
        map_class = 8 * eighth(a - z) + eighth(b - z)
        last = 64 * (8 * eighth(d - z) + eighth(e - z)) + 8 * eighth(f - z) + tail
        counters = [64 * equal + near, 64 * map_class + 8 * eighth(c - z) + tail, last]
        return Contexts([energy >> 1, cross, near], counters, map_class)

    # ---- the tree of decisions

    def index(self, least: int, most: int) -> int:
        up = least == 0 or self.decide(0, 0)
        low, high = (0, most + 1) if up else (least, 0)
        m, i = (1, 0) if up else (-1, 0)
        while (m < high) if up else (m > least):
            yes = self.decide(m, (1 if up else 10) + min(i, 8))
            if yes:
                low = m
            else:
                high = m
            if bool(yes) != bool(up):
                break
            m, i = 2 * m, i + 1
        first = (19 if up else 39) + 2 * min(i, 8)
        depth = 0
        while high - low > 1:
            m = (low + high) >> 1
            if self.decide(m, first + min(depth, 1)):
                low = m
            else:
                high = m
            depth += 1
        return low

    def decide(self, m: int, node: int) -> int:
        v = self.centre + m * self.step
        functions = []
        for opinion, sharp in zip(self.predictor.opinions, self.sharp, strict=True):
            d = clamp(64 * (v - self.tile.bound) - opinion - 32, -8191, 8191)
            functions.append(cdf(clamp(d * sharp >> 8, -3072, 3072)) + 8 * v)
        logits = [
            clamp(logarithm(max(1, high - f)) - logarithm(max(1, f - low)), -3071, 3071)
            for f, low, high in zip(functions, self.low, self.high, strict=True)
        ]
        yes = self.decisions.code(node, self.contexts, logits)
        if yes:
            self.low = functions
        else:
            self.high = functions
        return yes


def neighbours(plane: Bordered, y: int, x: int) -> tuple[int, ...]:
    """w, n, nw, ne, ww, nn, nne."""
    places = ((y, x - 1), (y - 1, x), (y - 1, x - 1), (y - 1, x + 1), (y, x - 2), (y - 2, x), (y - 2, x + 1))
    return tuple(plane.at(*place) for place in places)
