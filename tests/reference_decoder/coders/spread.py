"""Parametric tables: from a class, a shape and a centre to integer frequencies (docs/format.md, "Spreads").

Every number is an integer; a comment gives the unit of those that stand for fractions.
"""

from functools import cache

from ..numbers import FormatError

CLASSES = 48
ONE = 1 << 32
ALPHA_QUARTERS = (3, 4, 6, 8)  # alpha of each shape, in quarters
ROOTS = (  # 2^(1/2), 2^(1/4) … 2^(1/65536), in units of 2^-31
    *(3037000500, 2553802834, 2341847524, 2242560872, 2194507417, 2170868212, 2159144272, 2153306067),
    *(2150392887, 2148937775, 2148210589, 2147847087, 2147665360, 2147574502, 2147529075, 2147506361),
)


def log2(x: int) -> int:
    """In units of 2^-32, by the series of 2 atanh(t) / ln 2 with t = (x - 2^e) / (x + 2^e)."""
    e = x.bit_length() - 1
    t = (((x - (1 << e)) << 31) // (x + (1 << e))) << 29  # 2^-60
    square = (t >> 29) ** 2 >> 31  # 2^-31
    total = power = t
    divisor = 3
    while term := (power := (power >> 29) * square >> 2) // divisor:
        total += term
        divisor += 2
    return (e << 32) + ((total >> 28) * 3098164009 >> 30)


def exp2(x: int, fraction_bits: int) -> int:
    """2^x of x in units of 2^-32; the result has the given number of fractional bits."""
    mantissa, fraction = 1 << 31, x & (ONE - 1)
    for i, root in enumerate(ROOTS):
        if fraction >> (31 - i) & 1:
            mantissa = mantissa * root >> 31
    mantissa += mantissa * ((fraction & 0xFFFF) * 45426 >> 16) >> 32  # 45426 / 2^16 is about ln 2
    shift = (x >> 32) + fraction_bits - 31
    return mantissa << shift if shift >= 0 else mantissa >> -shift


def exponent(spread_class: int, shape: int, d: int) -> int:
    """(d / scale)^alpha in units of 2^-32, at most 32; the scale is 2^((class - 12) / 4)."""
    if d == 0:
        return 0
    ratio = log2(d) - (spread_class - 12) * (ONE // 4)
    of_power = ratio * ALPHA_QUARTERS[shape] >> 2
    return 32 * ONE if of_power >= 5 * ONE else exp2(of_power, 32)


def weight(spread_class: int, shape: int, d: int) -> int:
    """In units of 2^-40; none below 2^-20."""
    e = exponent(spread_class, shape, d)
    return 0 if e > 20 * ONE else exp2(-e, 40)


@cache
def weights(spread_class: int, shape: int) -> list[int]:
    """Weights of the distances 0, 1, 2 … as long as they are above 0."""
    out = []
    while len(out) < 1 << 16 and (w := weight(spread_class, shape, len(out))) > 0:
        out.append(w)
    return out


def sum_of(of: list[int]) -> int:
    """Over both sides of the centre."""
    return of[0] + 2 * sum(of[1:])


@cache
def reach(spread_class: int, shape: int, precision: int) -> int:
    """The largest distance at which a symbol deserves an eighth of a slot."""
    of = weights(spread_class, shape)
    total = sum_of(of)
    return max((d for d, w in enumerate(of) if w << (precision + 3) >= total), default=0)


def spread_table(
    spread_class: int, shape: int, precision: int, centre: int, wide: int, max_symbol: int
) -> tuple[int, list[int]]:
    """(first symbol, frequencies) of the symbols up to `wide` away from the centre."""
    first, last = max(centre - wide, 0), min(centre + wide, max_symbol)
    slots = 1 << precision
    if 2 * (last - first + 1) > slots:
        raise FormatError("ans side information: a spread is too wide for the precision of its table")
    if first == last:
        return first, [1]
    of = weights(spread_class, shape)
    distances = [abs(s - centre) for s in range(first, last + 1)]
    return first, share_out([of[d] if d < len(of) else 0 for d in distances], sum_of(of), slots, centre - first)


def share_out(of_symbol: list[int], total: int, slots: int, centre: int) -> list[int]:
    """One slot for rare symbols, a proportional share of what is left for the others."""
    rare = [i != centre and 2 * w * slots < total for i, w in enumerate(of_symbol)]
    left = slots - sum(rare)
    common = sum(w for w, is_rare in zip(of_symbol, rare, strict=True) if not is_rare)
    freq = [
        1 if is_rare else max(1, (w * left + common // 2) // common) for w, is_rare in zip(of_symbol, rare, strict=True)
    ]
    return settle(freq, centre, slots)


def settle(freq: list[int], centre: int, slots: int) -> list[int]:
    """Makes the sum exact: the centre gets what is missing; what is too much is taken from the centre outwards."""
    outwards = sorted(range(len(freq)), key=lambda i: (abs(i - centre), i))
    excess = sum(freq) - slots
    while excess > 0:
        for i in outwards:
            if excess > 0 and freq[i] > 1:
                freq[i] -= 1
                excess -= 1
    freq[centre] -= excess
    return freq
