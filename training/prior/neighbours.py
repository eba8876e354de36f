"""What the context coder knows of a coefficient before it is coded, for all coefficients of a band at once. The order
of the neighbours is that of src/coding/context/band_context.hpp."""

import math

import torch
from torch.nn import functional as F

DETAILS = ("HL", "LH", "HH")
MAGNITUDES, MEANS = 29, 34  # how many neighbours tell of a coefficient's magnitude, and of its mean


def shifted(a, dy, dx):
    """(C,h,w) -> the value at (y + dy, x + dx), zero outside."""
    height, width = a.shape[-2:]
    return F.pad(a, (2, 2, 2, 2))[..., 2 + dy : 2 + dy + height, 2 + dx : 2 + dx + width]


def fitted(a, like):
    """Cropped or padded with zeros to the size of another band."""
    height, width = like.shape[-2:]
    a = a[..., :height, :width]
    return F.pad(a, (0, width - a.shape[-1], 0, height - a.shape[-2]))


def doubled(a, like):
    return fitted(a.repeat_interleave(2, -2).repeat_interleave(2, -1), like)


def several(a, places):
    """The sum over places (dy, dx)."""
    return sum(shifted(a, *place) for place in places)


CROSS = ((-1, 0), (1, 0), (0, -1), (0, 1))
DIAGONALS = ((-1, -1), (-1, 1), (1, -1), (1, 1))
KNIGHTS = ((-2, -1), (-2, 1), (-1, -2), (-1, 2))


def earlier(a, n):
    """The channel n before each, zero where there is none."""
    return F.pad(a, (0, 0, 0, 0, n, 0))[: a.shape[0]]


# floor(16 m^(3/4)): the scale in which magnitudes are added up.
ROOTS = torch.tensor([float(math.isqrt(math.isqrt(65536 * m**3))) for m in range(4096)])


def root(magnitude):
    """The scaled power of whole numbers, larger ones counting as 4095."""
    return ROOTS[magnitude.clamp_max(4095).int()]


def over_channels(a, like):
    """root of the sum over all channels, for each of them."""
    return root(a.abs().sum(0, keepdim=True)).expand_as(like)


def parents(q, key):
    """-> (the same band one level coarser, the two others there), nothing for LL and the coarsest level."""
    level, orientation = key
    if orientation == "LL" or (level + 1, orientation) not in q:
        return None, []
    return q[level + 1, orientation], [q[level + 1, other] for other in DETAILS if other != orientation]


def of_parents(q, key):
    """-> magnitudes: parent, its cross, its diagonals, the two other bands there, then the same sums over all channels:
    parent, its cross, both others together."""
    t = q[key]
    parent, others = parents(q, key)
    if parent is None:
        return [torch.zeros_like(t)] * 8
    a, total = root(parent.abs()), over_channels(parent, parent)
    both = sum(fitted(o.abs().sum(0, keepdim=True), parent) for o in others)
    found = [a, several(a, CROSS), several(a, DIAGONALS), *(root(o.abs()) for o in others)]
    found += [total, several(total, CROSS), root(both).expand_as(parent)]
    return [doubled(f, t) for f in found]


def siblings(q, key):
    """The bands HL, LH of the level that come before this one: two, or zeros."""
    level, orientation = key
    earlier_ones = () if orientation == "LL" else DETAILS[: DETAILS.index(orientation)]
    before = [fitted(q[level, each], q[key]) for each in earlier_ones]
    return before + [torch.zeros_like(q[key])] * (2 - len(before))


def magnitudes(q, key):
    """{(level, orientation): (C,h,w)} -> (29,C,h,w), in the order of coding/context/band_context.hpp."""
    t = q[key]
    a, before = root(t.abs()), siblings(q, key)
    previous, total = earlier(a, 1), root(torch.cumsum(t.abs(), 0) - t.abs())
    found = [
        shifted(a, 0, -1),
        shifted(a, -1, 0),
        several(a, ((-1, -1), (-1, 1))),
        several(a, ((0, -2), (-2, 0))),
        several(a, KNIGHTS),
        *of_parents(q, key),
        *(root(s.abs()) for s in before),
        *(several(root(s.abs()), CROSS) for s in before),
        *(over_channels(s, t) for s in before),
        *(several(over_channels(s, t), CROSS) for s in before),
        *(several(previous, p) for p in (((0, 0),), CROSS, DIAGONALS)),
        earlier(a, 2),
        earlier(a, 3),
        *(several(total, p) for p in (((0, 0),), CROSS, DIAGONALS)),
    ]
    return torch.stack(found)


def values(q, key):
    """{(level, orientation): (C,h,w)} -> (34,C,h,w), in the order of coding/context/band_context.hpp."""
    t = q[key]
    none = torch.zeros_like(t)
    parent, others = parents(q, key)
    before = siblings(q, key)
    found = [shifted(t, *place) for place in ((0, -1), (-1, 0), (-1, -1), (-1, 1), (0, -2), (-2, 0))]
    for n in (1, 2, 3):
        found += [shifted(earlier(t, n), *place) for place in ((0, 0), *CROSS)]
    found += [*before, *(shifted(before[0], *place) for place in CROSS)]
    if parent is None:
        found += [none] * 7
    else:
        found += [doubled(shifted(parent, *place), t) for place in ((0, 0), *CROSS)]
        found += [doubled(o, t) for o in others]
    return torch.stack(found)
