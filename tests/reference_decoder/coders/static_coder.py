"""coder=static: tables for the subbands travel with the stream (docs/format.md, "1 static")."""

from collections.abc import Iterator
from itertools import accumulate

from ..systems.subbands import Subband
from .rans import InterleavedRans
from .spread import CLASSES, reach, spread_table
from .static_model import Coded, StaticModel, read_model


class Tables:
    """All tables of a stream: the explicit ones, then the parametric ones in the order in which they are needed."""

    def __init__(self, model: StaticModel, max_symbol: int):
        self.model, self.max_symbol = model, max_symbol
        self.all = list(model.tables)
        self.known: dict[tuple, int] = {}

    def of(self, coded: Coded, offset: int, widest: int) -> int:
        """The number of the table of a subband's cells with this offset."""
        if not coded.parametric:
            return coded.table
        precision = self.model.precision
        moved, most = (min(max(coded.spread_class + 2 * m, 0), CLASSES - 1) for m in (offset, widest))
        wide = coded.extra + max(reach(c, coded.shape, precision) for c in (moved, most))
        key = (moved, coded.shape, precision, coded.centre, wide)
        if key not in self.known:
            first, freq = spread_table(*key, self.max_symbol)
            self.known[key] = len(self.all)
            self.all.append((0 if len(freq) == 1 else precision, first, freq))
        return self.known[key]


def places_of(model: StaticModel, subbands: list[Subband], tables: Tables) -> Iterator[tuple[int, int]]:
    """(table, place in the item) of every symbol, in the order of the subbands, row by row."""
    for subband, coded in model.coded.items():
        cells = model.map if coded.parametric and model.map is not None and model.map.covers(subband) else None
        if cells is None:
            table = tables.of(coded, 0, 0)
            yield from ((table, place) for place in range(subband.offset, subband.offset + subband.size))
            continue
        used = sorted(set(cells.offsets))
        table_of = {offset: tables.of(coded, offset, used[-1]) for offset in used}
        edges = [c * subband.width // cells.columns for c in range(cells.columns + 1)]
        for y in range(subband.height):
            row = y * cells.rows // subband.height * cells.columns
            for column in range(cells.columns):
                for x in range(edges[column], edges[column + 1]):
                    yield table_of[cells.offsets[row + column]], subband.offset + y * subband.width + x


def decode(side_info: bytes, payload: bytes, subbands: list[Subband], max_symbol: int) -> list[int]:
    model = read_model(side_info, subbands, max_symbol)
    tables = Tables(model, max_symbol)
    places = list(places_of(model, subbands, tables))
    if model.map is not None:
        places.sort(key=lambda place: place[0])  # stable: within a table the order stays
    coded = [(table, place) for table, place in places if tables.all[table][0] > 0]
    symbols = [0] * len(places)
    for table, place in places:
        symbols[place] = tables.all[table][1]  # right where the table is constant
    cumulative = [[f << (16 - precision) for f in accumulate(freq, initial=0)] for precision, _, freq in tables.all]
    if coded or payload:
        rans = InterleavedRans(payload, model.lanes, len(coded))
        for table, place in coded:
            symbols[place] += rans.symbol(cumulative[table])
        rans.finish()
    return symbols
