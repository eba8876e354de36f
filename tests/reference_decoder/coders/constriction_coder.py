"""coder=constriction: what the library of that name reads (docs/format.md, "3 constriction")."""

from collections import Counter

from ..numbers import BitReader, FormatError, golomb_order_after
from ..systems.subbands import Subband
from .rans import CategoricalAns
from .static_model import read_frequencies


def cumulative_of(counts: list[int]) -> list[int]:
    """IEEE binary64, as Python's floats are: one division for each symbol, one sum after the other, one product."""
    counts = counts if len(counts) > 1 else [*counts, 0]
    total, n = sum(counts), len(counts)
    probabilities = [count / total for count in counts]
    running = 0.0
    sums = []
    for p in probabilities:
        sums.append(running)
        running += p
    scale = (2**24 - n) / running
    return [s + int(before * scale) for s, before in enumerate(sums)] + [2**24]


def decode(side_info: bytes, payload: bytes, subbands: list[Subband], max_symbol: int) -> list[int]:
    reader = BitReader(side_info, "ans side information")
    ans = CategoricalAns(payload)
    symbols = []
    for subband in subbands:
        if subband.size == 0:
            continue
        largest = reader.golomb(3)
        if largest > max_symbol:
            reader.fail("symbols that the data cannot hold")
        counts = read_frequencies(reader, largest + 1, subband.size, golomb_order_after(subband.size))
        cumulative = cumulative_of(counts)
        part = [ans.symbol(cumulative) for _ in range(subband.size)]
        found = Counter(part)
        if any(found[s] != n for s, n in enumerate(counts)):
            raise FormatError("ans payload: its symbols are not those that are counted")
        symbols += part
    reader.expect_end()
    ans.finish()
    return symbols
