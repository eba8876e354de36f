"""Pixels of graphics that are no candidate, bit by bit (docs/format_flat.md, "Bytes")."""

from collections import defaultdict

from .mixing_decisions import BinaryRans, Mixer
from .mixing_tables import STRETCH, clamp, quotient, squash

M32 = (1 << 32) - 1


def trust(visits: int) -> int:
    return 0 if visits == 0 else 256 * visits // (visits + 1) + (64 if visits > 30 else 0)


def joined(a: int, b: int) -> int:
    u = (a * 0x9E3779B1 & M32) ^ ((b + 0x7F4A7C15) * 0x85EBCA6B & M32)
    v = (u ^ u >> 15) * 0x2C1B3C6D & M32
    return v ^ v >> 13


class PixelBytes:
    def __init__(self, rans: BinaryRans, components: int):
        self.rans, self.components = rans, components
        self.lines: list[dict[int, tuple[int, list[list[int]]]]] = [{} for _ in range(6)]
        self.mixers = defaultdict(lambda: Mixer([14000] * 6 + [0] * 7))

    def pixel(self, around: list[int]) -> int:
        known = 0
        for c in range(self.components):
            known |= self.byte(c, *self.contexts(around, c, known)) << 8 * c
        return known

    def contexts(self, around: list[int], c: int, known: int) -> tuple[list[int], int]:
        w, n, nw, ne, ww, nn = around
        bw, bn, bnw = (q >> 8 * c & 255 for q in (w, n, nw))
        busy = min(7, (abs(bw - bnw) + abs(bn - bnw) + 1).bit_length() - 1)
        key = joined(known, c + 1)
        left = joined(key, w)
        both = joined(left, n)
        four = joined(both, joined(nw, ne))
        if self.components == 1:
            return [left, joined(key, n), both, four, key, joined(joined(key, ww), nn)], busy
        guess = median(around, c)
        if c > 0:
            guess = clamp(guess + (known & 255) - median(around, 0), 0, 255)
        about = joined(c, (guess >> 1) + 256 * busy)
        last = joined(c, line(around, c, known)) if c else key
        return [left, joined(key, n), both, key if c else four, about, last], busy

    def line(self, table: int, h: int) -> list[list[int]]:
        check = h & 0xFFFF | 1
        found = self.lines[table].get(h >> 18)
        if found is None or found[0] != check:
            found = check, [[32768, 0] for _ in range(16)]
            self.lines[table][h >> 18] = found
        return found[1]

    def byte(self, c: int, hashes: list[int], busy: int) -> int:
        node = 1
        for half in range(2):
            lines = [self.line(i, joined(h, node) if half else h) for i, h in enumerate(hashes)]
            place = 1
            for _ in range(4):
                yes = self.bit(c, node, busy, [line[place] for line in lines])
                node, place = 2 * node + yes, 2 * place + yes
        return node & 255

    def bit(self, c: int, node: int, busy: int, counters: list[list[int]]) -> int:
        logits = [STRETCH[p >> 4] * trust(visits) >> 8 for p, visits in counters]
        leanings = [(p - 32768) >> 5 if visits else 0 for p, visits in counters]
        trusts = sum(3**i * ((visits > 0) + (visits > 2)) for i, (_, visits) in enumerate(counters[:4]))
        mixers = [self.mixers["node", c, node], self.mixers["trust", c, 8 * trusts + busy]]
        # The constant stands behind the first six inputs; which place it has does not matter.
        logit = sum(mixer.mix([*logits, 256, *leanings]) for mixer in mixers) >> 1
        yes = self.rans.decide(squash(logit))
        for mixer in mixers:
            mixer.learn(yes)
        for counter in counters:
            counter[0] += (65535 * yes - counter[0]) * (327680 // (10 * counter[1] + 16)) >> 15
            counter[1] = min(counter[1] + 1, 250)
        return yes


def median(around: list[int], c: int) -> int:
    w, n, nw = (q >> 8 * c & 255 for q in around[:3])
    return clamp(w + n - nw, min(w, n), max(w, n))


def line(around: list[int], c: int, known: int) -> int:
    w, n, nw, ne, ww, _ = around
    other = next((q for q in (n, ne, nw) if q != w), ww)
    a, first, span = w >> 8 * c & 255, w & 255, (other & 255) - (w & 255)
    if span == 0:
        return a
    product = ((other >> 8 * c & 255) - a) * ((known & 255) - first)
    return clamp(a + quotient(product if span > 0 else -product, abs(span)), 0, 255)
