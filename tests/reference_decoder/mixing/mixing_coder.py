"""coder=mixing: the planes of a picture, sample by sample (docs/format_mixing.md)."""

from collections import defaultdict
from collections.abc import Callable

from ..bands import band_coder, band_tiles
from ..numbers import ByteReader, FormatError
from ..systems.subbands import Subband
from .fast_coder import FastTile
from .flat_coder import Graphic
from .mixing_decisions import BinaryRans, Contexts, Decisions
from .mixing_prediction import Bordered, Predictor
from .mixing_tables import clamp, eighth, eighth_octave, logarithm, octave_class, quotient
from .pixel_depth import DeepBits, EightBits, read_levels

CODED, CONSTANT, COPY, RAW = range(4)


def decode(side_info: bytes, payload: bytes, subbands: list[Subband], deep: bool = False) -> list[int]:
    """`deep`: the symbols are u16."""
    if side_info in (b"\x02", b"\x06"):
        if not band_coder.fits(subbands):
            raise FormatError("ans side information (mixing): the symbols are no bands of three planes")
        return band_coder.decode(payload, subbands, dependent=side_info == b"\x06")
    if side_info[:1] in (b"\x08", b"\x09"):
        return decode_band_tiles(side_info, payload, subbands)
    if side_info[:1] == b"\x04":
        return decode_graphic(side_info, payload, subbands, deep)
    head = ByteReader(side_info, "ans side information (mixing)")
    kind, bound, side_log = head.u8(), head.u8(), head.u8()
    if (
        kind not in (1, 3, 5, 7)
        or (kind == 3) != deep
        or bound > (0 if kind == 7 else 100)
        or not 6 <= side_log <= 9
        or len(subbands) not in (1, 3)
    ):
        raise FormatError("ans side information (mixing): not what a picture has")
    bits = head.u8() if kind == 3 else 8
    levels = read_levels(head) if bits & 128 else None
    if kind == 3 and not 9 <= bits & 127 <= 16:
        head.fail("no number of bits of a sample")
    head.expect_end()
    depth = DeepBits(bits & 127) if kind == 3 else EightBits()
    side = 1 << side_log

    def planes(data: bytes, shape: tuple[int, int, int]) -> list[list[list[int]]]:
        tile = FastTile(data, shape) if kind == 7 else Tile(data, shape, bound, depth, may_be_dense=kind == 5)
        return [plane.rows for plane in tile.values]

    samples = decode_tiles(payload, subbands, side, planes)
    if levels is None:
        return samples
    if max(samples) >= len(levels):
        raise FormatError("ans payload (mixing): a sample without a level")
    return [levels[rank] for rank in samples]


def decode_band_tiles(side_info: bytes, payload: bytes, subbands: list[Subband]) -> list[int]:
    if len(side_info) != 2 or not 8 <= side_info[1] <= 12 or not band_coder.fits(subbands):
        raise FormatError("ans side information (mixing): not what bands in tiles have")
    return band_tiles.decode(payload, subbands, dependent=side_info[0] == 9, side=1 << side_info[1])


def decode_graphic(side_info: bytes, payload: bytes, subbands: list[Subband], deep: bool) -> list[int]:
    if len(side_info) != 2 or not 6 <= side_info[1] <= 11 or deep or len(subbands) not in (1, 3):
        raise FormatError("ans side information (mixing): not what a graphic has")

    def window(data: bytes, *shape: int) -> list[list[list[int]]]:
        return [plane.rows for plane in Tile(data, shape, 0, EightBits()).values]

    return decode_tiles(payload, subbands, 1 << side_info[1], lambda data, shape: Graphic(data, shape, window).values)


def decode_tiles(
    payload: bytes, subbands: list[Subband], side: int, decode_tile: Callable[[bytes, tuple[int, int, int]], list]
) -> list[int]:
    height, width = subbands[0].height, subbands[0].width
    reader = ByteReader(payload, "ans payload (mixing)")
    areas = [(top, left) for top in parts(height, side) for left in parts(width, side)]
    sizes = [reader.varint() for _ in areas]
    planes = [[[0] * width for _ in range(height)] for _ in subbands]
    for (rows, columns), size in zip(areas, sizes, strict=True):
        tile = decode_tile(reader.take(size), (len(subbands), len(rows), len(columns)))
        for plane, values in zip(planes, tile, strict=True):
            for y, row in zip(rows, values, strict=True):
                plane[y][columns.start : columns.stop] = row
    if reader.at != len(payload):
        reader.fail("bytes are left over")
    return [sample for plane in planes for row in plane for sample in row]


def parts(n: int, side: int) -> list[range]:
    k = max(1, (n + side // 2 - 1) // side)
    return [range(i * n // k, (i + 1) * n // k) for i in range(k)]


class Tile:
    def __init__(
        self,
        data: bytes,
        shape: tuple[int, int, int],
        bound: int,
        depth: EightBits | DeepBits,
        *,
        may_be_dense: bool = False,
    ):
        planes, height, width = shape
        self.height, self.width, self.bound, self.depth = height, width, bound, depth
        self.values = [Bordered(height, width, 1 << (depth.bits - 1)) for _ in range(planes)]
        self.residuals = [Bordered(height, width, 0) for _ in range(planes)]
        reader = ByteReader(data, "ans payload (mixing), a tile")
        modes = reader.u8()
        self.modes = [modes >> 2 * c & 3 for c in range(3)]
        self.dense = bool(modes & 128)
        unknown = (modes & 64 and not bound) or (self.dense and not (may_be_dense and CODED in self.modes[:planes]))
        if unknown or self.modes[0] == COPY or any(self.modes[planes:]):
            reader.fail("unknown modes")
        self.modes = self.modes[:planes]
        if modes & 64:
            self.bound = 0
        for c, mode in enumerate(self.modes):
            if mode == CONSTANT:
                self.values[c].rows = [[value] * width for value in [self.sample(reader)] * height]
            if mode == RAW:
                self.values[c].rows = [[self.sample(reader) for _ in range(width)] for _ in range(height)]
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

    def sample(self, reader: ByteReader) -> int:
        value = reader.u8() | (reader.u8() << 8 if self.depth.deep else 0)
        if value > self.depth.top:
            reader.fail("a sample of more bits than it should have")
        return value


class PlaneDecoder:
    def __init__(self, tile: Tile, c: int, rans: BinaryRans):
        self.tile, self.c = tile, c
        self.depth = tile.depth
        self.predictor = Predictor(tile.values, c, tile.depth, dense=tile.dense)
        self.rans, self.decisions = rans, Decisions(rans, counters=6 if tile.dense else 3)
        self.scales = defaultdict(dict)  # (opinion, class, cross) -> {mean, age}

    def all(self):
        for y in range(self.tile.height):
            for x in range(self.tile.width):
                self.sample(y, x)

    def sample(self, y: int, x: int):
        p, bound = self.predictor, self.tile.bound
        p.look(y, x)
        top = self.depth.top
        self.centre, self.step = (p.mean + 32) >> 6, 2 * bound + 1
        self.cell = 0
        if self.depth.deep:
            self.cell = max(0, (p.octaves[5] >> 3) - 8 - (self.step.bit_length() - 1))
        self.classify(y, x)
        self.low = [0] * 8
        self.high = [(1 << 23) + self.depth.floor(top + 1 + 2 * bound)] * 8
        least = -((self.centre + bound) // self.step)
        most = (top - self.centre + bound) // self.step
        index = self.place(least, most, self.index(self.in_cells(least), self.in_cells(most)))
        value = clamp(self.centre + index * self.step, 0, top)
        self.tile.values[self.c].rows[y][x] = value
        self.tile.residuals[self.c].rows[y][x] = (64 * value - p.mean) >> 4
        p.learn(value)
        for cell, miss in zip(self.cells, p.miss, strict=True):
            shift = 1 + sum(cell["age"] >= age for age in (1, 3, 7, 20, 60))
            cell["mean"] += ((256 * miss >> self.depth.coarse) - cell["mean"]) >> shift
            cell["age"] = min(cell["age"] + 1, 200)

    def in_cells(self, difference: int) -> int:
        return (difference + self.half_cell()) >> self.cell

    def half_cell(self) -> int:
        return 1 << (self.cell - 1) if self.cell else 0

    def place(self, least: int, most: int, cell: int) -> int:
        """The index in a cell."""
        first = (cell << self.cell) - self.half_cell()
        low, high = max(least, first), min(most + 1, first + (1 << self.cell))
        depth = 0
        while high - low > 1:
            m = (low + high) >> 1
            yes = self.decide(m, 57) if depth == 0 else self.rans.decide(1 << 15)
            low, high = (m, high) if yes else (low, m)
            depth += 1
        return low

    # ---- classes of a sample

    def classify(self, y: int, x: int):
        cross = self.cross_class(y, x)
        classes = [min(self.depth.last_energy, o >> 1) for o in self.predictor.octaves]
        classes[6], classes[7] = self.activity(y, x)
        self.cells = [self.scale_cell(k, q, cross) for k, q in enumerate(classes)]
        scales = [max(self.depth.least_scale, cell["mean"]) for cell in self.cells]
        self.sharp = [self.depth.sharpness(eighth_octave(scale)) for scale in scales]
        self.contexts = self.sample_contexts(y, x, cross, classes[5])

    def scale_cell(self, k: int, q: int, cross: int) -> dict[str, int]:
        cell = self.scales[k, q, cross]
        if not cell:
            first = 215 if q == 0 else (256, 304, 362, 431)[(q - 1) % 4] << ((q - 1) // 4)
            cell.update(mean=min(10**6, (first + 64) >> self.depth.coarse), age=0)
        return cell

    def cross_class(self, y: int, x: int) -> int:
        if self.c == 0:
            return 0
        r = self.tile.residuals[self.c - 1]
        v = 4 * abs(r.at(y, x)) + sum(abs(r.at(*at)) for at in ((y, x + 1), (y + 1, x), (y, x - 1), (y - 1, x)))
        if self.c == 2:
            v = quotient((v + 2 * abs(self.tile.residuals[0].at(y, x))) * 2, 3)
        return min(23, octave_class(v >> self.cell, 2))

    def activity(self, y: int, x: int) -> tuple[int, int]:
        r = self.tile.residuals[self.c]
        w, n, nw, ne, ww, nn, nne = neighbours(self.tile.values[self.c], y, x)
        rw, rn, rnw, rne, rww, rnn, _ = (abs(v) for v in neighbours(r, y, x))
        pairs = ((w, ww), (n, nw), (ne, n), (w, nw), (n, nn), (ne, nne))
        gradients = sum(abs(a - b) for a, b in pairs) + ((rw + rn) >> 1)
        misses = 2 * (rw + rn) + rnw + rne + rww + rnn
        last = self.depth.last_energy
        return min(last, octave_class(4 * gradients, 4)), min(last, octave_class(misses, 4))

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
        w, n, a, b, c, d, e, f = (eighth(self.in_cells(v - z)) for v in (w, n, a, b, c, d, e, f))
        near, map_class = 8 * w + n, 8 * a + b
        more = self.dense_contexts(y, x, energy) if self.tile.dense else []
        counters = [64 * equal + near, 64 * map_class + 8 * c + tail, 64 * (8 * d + e) + 8 * f + tail]
        return Contexts([energy >> 1, cross, near], counters + more, map_class)

    def dense_contexts(self, y: int, x: int, energy: int) -> list[int]:
        z, c, energy = self.centre, self.c, min(7, energy >> 3)
        rw, rn, *_ = neighbours(self.tile.residuals[c], y, x)
        before = self.tile.residuals[c - 1].at(y, x) if c else 0
        _, _, _, ne, ww, nn, nne = neighbours(self.tile.values[c], y, x)
        if c == 0:
            third = nne
        else:
            first = self.tile.values[0]
            g = first.at(y, x)
            _, _, _, gne, gww, gnn, _ = neighbours(first, y, x)
            ww, nn, third = ww + g - gww, nn + g - gnn, ne + g - gne
        rw, rn, before = (signed_class(r >> 2) for r in (rw, rn, before))
        ww, nn, third = (eighth(v - z) for v in (ww, nn, third))
        return [(rw * 9 + rn) * 5 + (before >> 1), z * 8 + energy, 64 * (8 * ww + nn) + 8 * third + energy]

    # ---- the tree of decisions

    def index(self, least: int, most: int) -> int:
        """The cell; a cell of one is an index."""
        up = least == 0 or self.at_least(0, 0)
        low, high = (0, most + 1) if up else (least, 0)
        m, i = (1, 0) if up else (-1, 0)
        while (m < high) if up else (m > least):
            yes = self.at_least(m, (1 if up else 10) + min(i, 8))
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
            if self.at_least(m, first + min(depth, 1)):
                low = m
            else:
                high = m
            depth += 1
        return low

    def at_least(self, cell: int, node: int) -> int:
        return self.decide((cell << self.cell) - self.half_cell(), node)

    def decide(self, m: int, node: int) -> int:
        v = self.centre + m * self.step
        functions = []
        for opinion, sharp in zip(self.predictor.opinions, self.sharp, strict=True):
            away = 64 * (v - self.tile.bound) - opinion - 32
            functions.append(self.depth.below(away, sharp) + self.depth.floor(v))
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


def signed_class(v: int) -> int:
    size = sum(abs(v) >= least for least in (1, 3, 7, 15))
    return 4 - size if v < 0 else 4 + size


def neighbours(plane: Bordered, y: int, x: int) -> tuple[int, ...]:
    """w, n, nw, ne, ww, nn, nne."""
    places = ((y, x - 1), (y - 1, x), (y - 1, x - 1), (y - 1, x + 1), (y, x - 2), (y - 2, x), (y - 2, x + 1))
    return tuple(plane.at(*place) for place in places)
