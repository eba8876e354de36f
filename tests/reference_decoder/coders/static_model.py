"""The side information of coder=static: how every subband is coded (docs/format.md, "1 static")."""

from dataclasses import dataclass, field

from ..numbers import BitReader, golomb_order_after
from ..systems.subbands import LL, Subband

NEW_TABLE, OLD_TABLE, EXTENDED, PLAIN = range(4)
MAX_OFFSET = 3


@dataclass
class Coded:
    """How one subband is coded: by an explicit table, or by a spread around a centre."""

    table: int | None = None
    spread_class: int = 0
    shape: int = 0
    centre: int = 0
    extra: int = 0

    @property
    def parametric(self) -> bool:
        return self.table is None


@dataclass
class ActivityMap:
    rows: int
    columns: int
    offsets: list[int]

    def predicted(self) -> int:
        """The offset of the cell that comes next."""
        at, known = len(self.offsets), self.offsets
        x = at % self.columns
        if at < self.columns:
            return known[-1] if x > 0 else 0
        above = known[at - self.columns]
        return above if x == 0 else int((above + known[-1]) / 2)  # int() rounds towards zero

    def covers(self, subband: Subband) -> bool:
        return subband.height >= self.rows and subband.width >= self.columns


@dataclass
class StaticModel:
    lanes: int = 1
    precision: int = 0  # precision of parametric tables
    map: ActivityMap | None = None
    coded: dict[Subband, Coded] = field(default_factory=dict)  # those with symbols
    tables: list[tuple[int, int, list[int]]] = field(default_factory=list)  # precision, first symbol, frequencies


def read_model(side_info: bytes, subbands: list[Subband], max_symbol: int) -> StaticModel:
    reader = BitReader(side_info, "ans side information")
    model = StaticModel(lanes=1 << reader.bits(3))
    if model.lanes > 64:
        reader.fail("more than 64 lanes")
    tables = read_kinds(reader, model, [s for s in subbands if s.size > 0])
    if any(coded.parametric for coded in model.coded.values()):
        read_parameters(reader, model, subbands, max_symbol)
    model.tables = [read_table(reader, max_symbol) for _ in range(tables)]
    reader.expect_end()
    return model


def read_kinds(reader: BitReader, model: StaticModel, subbands: list[Subband]) -> int:
    """Returns the number of explicit tables."""
    runs = reader.bits(1) == 1
    left, tables = list(subbands), 0
    while left:
        plain = reader.golomb(3) if runs else 0
        if plain > len(left):
            reader.fail("more kinds than subbands")
        for _ in range(plain):
            model.coded[left.pop(0)] = Coded()
        if left:
            coded = model.coded[left.pop(0)] = read_kind(reader, tables, runs)
            tables += coded.table == tables
    few = sum(coded.parametric and coded.extra == 0 for coded in model.coded.values())
    if runs != (2 * few > len(subbands)):
        reader.fail("the kinds are not in their shortest form")
    return tables


def read_kind(reader: BitReader, tables: int, runs: bool) -> Coded:
    kind = reader.golomb(0)
    if kind > PLAIN or (kind == PLAIN and runs) or (kind == OLD_TABLE and tables == 0):
        reader.fail("an impossible kind")
    if kind == NEW_TABLE:
        return Coded(table=tables)
    if kind == OLD_TABLE:
        return Coded(table=reader.bits((tables - 1).bit_length()))
    return Coded(extra=reader.golomb(2) + 1 if kind == EXTENDED else 0)


def read_parameters(reader: BitReader, model: StaticModel, subbands: list[Subband], max_symbol: int):
    model.precision = 8 + reader.bits(3)
    common_centre = reader.golomb(6)
    own_centres, class_order, own_shapes = reader.bits(1), reader.bits(2), reader.bits(1)
    common_shape = 0 if own_shapes else reader.bits(2)
    model.map = read_map(reader, subbands)
    for i, subband in enumerate(subbands):
        coded = model.coded.get(subband)
        if coded is None or not coded.parametric:
            continue
        coded.centre = common_centre
        if own_centres or subband.orientation == LL:
            coded.centre += reader.signed_golomb(4)
        coded.spread_class = predicted_class(model, subbands, i) + reader.signed_golomb(class_order)
        coded.shape = reader.bits(2) if own_shapes else common_shape
        if not (0 <= coded.centre <= max_symbol and 0 <= coded.spread_class < 48):
            reader.fail("a centre or a class is out of range")


def read_map(reader: BitReader, subbands: list[Subband]) -> ActivityMap | None:
    if reader.bits(1) == 0:
        return None
    side = 2 << reader.bits(3)
    rows, columns = (-(-max(sizes) // side) for sizes in zip(*((s.height, s.width) for s in subbands), strict=True))
    if rows * columns > 4096:
        reader.fail("a map of more than 4096 cells")
    activity = ActivityMap(rows, columns, [])
    for _ in range(rows * columns):
        activity.offsets.append(activity.predicted() + reader.signed_golomb(0))
        if abs(activity.offsets[-1]) > MAX_OFFSET:
            reader.fail("an offset is out of range")
    return activity


def predicted_class(model: StaticModel, subbands: list[Subband], i: int) -> int:
    """From the parametric subbands that were read before: see docs/format.md."""

    def known(channel: int, level: int) -> int | None:
        for s, coded in model.coded.items():
            if (s.channel, s.level, s.orientation) == (channel, level, subbands[i].orientation):
                return coded.spread_class if coded.parametric else None
        return None

    channel, level = subbands[i].channel, subbands[i].level
    left, parent, corner = known(channel - 1, level), known(channel, level + 1), known(channel - 1, level + 1)
    before = model.coded.get(subbands[i - 1]) if i > 0 else None
    guess = 32
    if left is not None:
        guess = left if parent is None or corner is None else left + parent - corner
    elif parent is not None:
        guess = parent - 4
    elif before is not None and before.parametric:
        guess = before.spread_class
    return min(max(guess, 0), 47)


def read_table(reader: BitReader, max_symbol: int) -> tuple[int, int, list[int]]:
    precision, first, size = reader.bits(5), reader.golomb(4), reader.golomb(3) + 1
    if precision > 16 or first + size - 1 > max_symbol:
        reader.fail("an impossible table")
    freq = read_frequencies(reader, size, 1 << precision, max(precision - 2, 0))
    if freq[0] == 0:
        reader.fail("a table begins with a symbol that does not occur")
    return precision, first, freq


def read_frequencies(reader: BitReader, size: int, total: int, order: int) -> list[int]:
    """Frequencies or counts, of which the last is what is missing to `total`."""
    freq = []
    while len(freq) < size - 1:
        freq.append(reader.golomb(order))
        order = golomb_order_after(freq[-1])
        if freq[-1] == 0:
            freq += [0] * reader.golomb(0)
    if len(freq) != size - 1 or sum(freq) >= total:
        reader.fail("the frequencies of a table are not possible")
    return [*freq, total - sum(freq)]
