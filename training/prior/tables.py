"""The code tables of the context coder: what really occurs in each context class, under weights rounded to integers."""

import torch
from torch.nn import functional as F

CLASSES, PHASES, REACH = 112, 3, 40
ZERO_CLASSES, ABOVES = 16, 3
SLOTS = 1 << 14


def class_of(spread):
    """Eight classes for each octave of the power, in the integer arithmetic of the coder."""
    t = torch.floor(spread / 4).clamp(8, (1 << 17) - 1)
    octave = torch.floor(torch.log2(t)) - 3
    return (octave * 8 + torch.floor(t / 2**octave) - 8).long()


def low_bits(spread_class):
    """How many low bits of its values a class leaves to be coded raw."""
    return torch.div(spread_class - 56, 6, rounding_mode="floor").sub(2).clamp_min(0)


def contexts(row, magnitudes, values, step):
    """Integer arithmetic of the coder: -> (class, phase, centre, mirrored)."""
    weights, means, bias = (r.double() for r in row)
    spread = (weights.T[:, None] @ magnitudes.double())[:, 0] + bias[:, step, None]
    mean = (means.T[:, None] @ values.double())[:, 0]
    centre = torch.floor((mean + 128) / 256)
    fraction = mean - 256 * centre
    return class_of(spread), torch.floor((fraction.abs() + 32) / 64).long(), centre, fraction < 0


def count(rows, samples):
    """(112,3,2*40+1) counts of the values -40..40 in every context, larger ones cut off."""
    counts = torch.zeros(CLASSES, PHASES, 2 * REACH + 1)
    for (key, i), part in samples.parts.items():
        if len(part) == 0:
            continue
        t, coded, magnitudes, values = samples.get(key, i)
        spread_class, phase, centre, mirrored = contexts(rows[key], magnitudes, values, i)
        v = t - centre
        v = torch.where(mirrored, -v, v).long() >> low_bits(spread_class)
        index = (spread_class * PHASES + phase) * (2 * REACH + 1) + v.clamp(-REACH, REACH) + REACH
        counts.view(-1).index_add_(0, index.flatten(), coded.flatten())
    return counts


def smooth(counts):
    """Probabilities: a context with few samples leans on its neighbouring classes, and those on a broad Laplacian."""
    pooled = counts.sum(1, keepdim=True)
    pooled = pooled + F.pad(pooled, (0, 0, 0, 0, 1, 0))[:-1] + F.pad(pooled, (0, 0, 0, 0, 0, 1))[1:]
    pooled = pooled + pooled.flip(-1)
    broad = torch.exp(-torch.arange(-REACH, REACH + 1).abs() / 3)
    near = pooled / pooled.sum(-1, keepdim=True).clamp_min(1)
    p = counts + 0.05 * (counts + counts.flip(-1)) + 20 * near + 0.5 * broad / broad.sum()
    return p / p.sum(-1, keepdim=True)


def zero_flags(rows, tables, samples):
    """(16,3) slots of 2^14 for "the whole band is zero", by how many of its coefficients the bias alone lets expect
    not to be, and by what the band's parent is (0 there is none, 1 zero, 2 not zero)."""
    counts = torch.full((ZERO_CLASSES, ABOVES, 2), 0.5)
    nonzero = torch.tensor([float(SLOTS - freq[0]) if freq else float(SLOTS) for freq in tables[::PHASES]])
    for (key, i), found in samples.zeros.items():
        if not found:
            continue
        zero, above, size = torch.stack(found, -1)  # (C,pictures) each
        expected = size * nonzero[class_of(rows[key][2][:, i].double())][:, None]
        index = torch.floor(torch.log2(torch.floor(expected / 1024) + 0.5)).add(1).clamp(0, ZERO_CLASSES - 1)
        place = (index.long() * ABOVES + above.long()) * 2 + (1 - zero).long()
        counts.view(-1).index_add_(0, place.flatten(), torch.ones(place.numel()))
    share = counts[..., 0] / counts.sum(-1)
    return (share * SLOTS).round().clamp(1, SLOTS - 1).int()


def zigzagged(p):
    """(81,) over -40..40 -> over 0, 1, -1, 2, -2 ...: positive-first zigzag, as docs/format.md calls it"""
    order = [REACH] + [REACH + s * k for k in range(1, REACH + 1) for s in (1, -1)]
    return p[order]


def frequencies(p):
    """Integer frequencies of the zigzag values; the escape gets what is missing to 2^14, at least 1. Values whose share
    is below half a slot are left to the escape."""
    scaled = zigzagged(p).double() * (SLOTS - 8)
    freq = scaled.round().long()
    freq = freq[: int(freq.nonzero().max()) + 1]
    excess = int(freq.sum()) - (SLOTS - 1)
    if excess > 0:
        freq[freq.argmax()] -= excess
    return freq.tolist()


def code_tables(rows, samples):
    """Frequencies of all contexts: the phases of one class after the other."""
    probabilities = smooth(count(rows, samples))
    return [frequencies(probabilities[c, p]) for c in range(CLASSES) for p in range(PHASES)]
