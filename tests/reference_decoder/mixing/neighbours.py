"""What the context coder knows before a coefficient, and which weight belongs to what (docs/format.md, "2 context")."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..coders.prior import Weights

BORDER = 2  # no neighbour lies farther outside
PLACE = ((0, 0),)
NORTH, SOUTH, WEST, EAST = (-1, 0), (1, 0), (0, -1), (0, 1)
CROSS = (NORTH, SOUTH, WEST, EAST)
DIAGONALS = ((-1, -1), (-1, 1), (1, -1), (1, 1))
KNIGHTS = ((-2, -1), (-2, 1), (-1, -2), (-1, 2))


def root(magnitude: int) -> int:
    """r(m) = ⌊16 · min(m, 4095)^(3/4)⌋, exactly."""
    return ROOTS[min(magnitude, 4095)]


def _roots() -> list[int]:
    out, r = [], 0
    for m in range(4096):
        while (r + 1) ** 4 <= 65536 * m**3:
            r += 1
        out.append(r)
    return out


ROOTS = _roots()


class Plane:
    """A grid of numbers with a border of zeros."""

    def __init__(self, height: int, width: int):
        self.height, self.width, self.stride = height, width, width + 2 * BORDER
        self.values = [0] * ((height + 2 * BORDER) * self.stride)

    def at(self, y: int, x: int) -> int:
        return (y + BORDER) * self.stride + x + BORDER

    def within(self, y: int, x: int) -> int:
        return self.values[self.at(y, x)] if y < self.height and x < self.width else 0


class Band:
    """What is kept of a decoded subband for those that follow: r of the magnitudes, and the values."""

    def __init__(self, height: int, width: int):
        self.roots, self.values = Plane(height, width), Plane(height, width)

    def set(self, y: int, x: int, q: int):
        self.roots.values[self.roots.at(y, x)] = root(abs(q))
        self.values.values[self.values.at(y, x)] = max(-16383, min(16383, q))


@dataclass
class Known:
    """All that the contexts of one subband look at; None where there is no such thing."""

    own: Band
    previous: list[Band | None]  # the same subband of one, two and three channels before
    previous_sum: Plane  # r of the magnitudes, summed over all channels before
    siblings: list[Band | None]  # HL and LH of the same level, where they come before
    sibling_sums: list[Plane | None]
    parent: Band | None
    parent_sum: Plane | None
    others: list[Band | None]  # the two other subbands of the parent's level
    others_sum: Plane | None


Parts = Iterator[tuple[Plane, tuple, int, bool]]  # plane, places, weight, at half the place


def spread_parts(known: Known, weights: Weights) -> Parts:
    """The order of the weights in the prior is the order of the lines here."""
    weight = iter(weights.spread)

    def part(plane: Plane | Band | None, *places: tuple, half: bool = False):
        plane = plane.roots if isinstance(plane, Band) else plane
        w = next(weight)
        if plane is not None:
            yield plane, places, w, half

    yield from part(known.own, WEST)
    yield from part(known.own, NORTH)
    yield from part(known.own, (-1, -1), (-1, 1))
    yield from part(known.own, (0, -2), (-2, 0))
    yield from part(known.own, *KNIGHTS)
    for places in (PLACE, CROSS, DIAGONALS):
        yield from part(known.parent, *places, half=True)
    for other in known.others:
        yield from part(other, *PLACE, half=True)
    yield from part(known.parent_sum, *PLACE, half=True)
    yield from part(known.parent_sum, *CROSS, half=True)
    yield from part(known.others_sum, *PLACE, half=True)
    for bands in (known.siblings, known.sibling_sums):
        for places in (PLACE, CROSS):
            for band in bands:
                yield from part(band, *places)
    for places in (PLACE, CROSS, DIAGONALS):
        yield from part(known.previous[0], *places)
    for band in known.previous[1:]:
        yield from part(band, *PLACE)
    for places in (PLACE, CROSS, DIAGONALS):
        yield from part(known.previous_sum, *places)


def mean_parts(known: Known, weights: Weights) -> Parts:
    weight = iter(weights.mean)

    def each(band: Band | None, *places: tuple, half: bool = False):
        """A weight for every place."""
        for place in places:
            w = next(weight)
            if band is not None:
                yield band.values, (place,), w, half

    yield from each(known.own, WEST, NORTH, (-1, -1), (-1, 1), (0, -2), (-2, 0))
    for band in known.previous:
        yield from each(band, *PLACE, *CROSS)
    for band in known.siblings:
        yield from each(band, *PLACE)
    yield from each(known.siblings[0], *CROSS)
    yield from each(known.parent, *PLACE, *CROSS, half=True)
    for band in known.others:
        yield from each(band, *PLACE, half=True)


class WeightedSum:
    """Σ weight · neighbour, for one place after the other."""

    def __init__(self, parts: Parts):
        self.taps = [
            (plane, half, [((dy * plane.stride) + dx, weight) for dy, dx in places])
            for plane, places, weight, half in parts
            if weight != 0
        ]

    def at(self, y: int, x: int) -> int:
        total = 0
        for plane, half, taps in self.taps:
            place = plane.at(y // 2, x // 2) if half else plane.at(y, x)
            values = plane.values
            for offset, weight in taps:
                total += weight * values[place + offset]
        return total
