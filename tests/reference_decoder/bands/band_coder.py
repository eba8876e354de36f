"""coder=mixing of wavelet bands: coefficient by coefficient (docs/format_bands.md)."""

from collections import defaultdict

from ..mixing.mixing_decisions import BinaryRans, Mixer
from ..mixing.mixing_tables import STRETCH, clamp, squash
from ..numbers import ByteReader, FormatError
from ..systems.subbands import LL, Subband
from .band_contexts import THRESHOLDS, Around, Band
from .dependent import State

PART = 1 << 20
MOST = 32767
FIRST_WEIGHTS = [8000] * 8 + [26000, 10000, 0]
FIRST_SIGN_WEIGHTS = [20000] * 5


def decode(payload: bytes, subbands: list[Subband], dependent: bool) -> list[int]:
    reader = ByteReader(payload, "ans payload (mixing, bands)")
    sizes = [reader.varint() for _ in range(bounded(reader, reader.varint()))]
    parts = [reader.take(size) for size in sizes]
    if reader.at != len(payload):
        reader.fail("bytes are left over")
    decisions = Parts(parts)
    indices = BandDecoder(decisions, subbands, dependent).all()
    decisions.finish()
    return [2 * v if v >= 0 else -2 * v - 1 for v in indices]


def bounded(reader: ByteReader, parts: int) -> int:
    if parts > len(reader.data):
        reader.fail("fewer bytes than parts")
    return parts


class Parts:
    """Decisions that are cut into streams of PART each."""

    def __init__(self, parts: list[bytes]):
        self.parts, self.left, self.rans = parts, 0, None

    def decide(self, p: int) -> int:
        if self.left == 0:
            self.end()
            if not self.parts:
                raise FormatError("ans payload (mixing, bands): the data end too early")
            self.rans, self.parts, self.left = BinaryRans(self.parts[0]), self.parts[1:], PART
        self.left -= 1
        return self.rans.decide(p)

    def end(self):
        if self.rans is not None:
            self.rans.finish()

    def finish(self):
        self.end()
        if self.parts:
            raise FormatError("ans payload (mixing, bands): parts are left over")


class Counter:
    def __init__(self, probability: int = 32768, visits: int = 0):
        self.p, self.visits = probability, visits

    def learn(self, yes: int):
        self.p += (65535 * yes - self.p) * (327680 // (10 * self.visits + 16)) >> 15
        self.visits = min(self.visits + 1, 250)


class Opinion:
    """A probability under a class of expected magnitude; visits in 1/64."""

    def __init__(self, probability: int):
        self.p, self.visits = probability, 192

    def learn(self, yes: int, share: int):
        rate = (327680 // (10 * (self.visits >> 6) + 16)) * share >> 10
        self.p += (65535 * yes - self.p) * rate >> 15
        self.visits = min(self.visits + (share >> 4), 16000)


def first_opinion(node: int, index: int) -> int:
    m = (4 + index % 4) << index // 4
    return 2000 + 61600 * m // (m + 179) if node == 0 else 3277 + 52429 * m // (m + 256)


def safe(p: int) -> int:
    return clamp(p, 32, 65504)


class BandDecoder:
    def __init__(self, decisions: Parts, subbands: list[Subband], dependent: bool):
        self.decisions, self.subbands, self.dependent = decisions, subbands, dependent
        self.quantizer = 0  # the one that the coefficient at work has
        self.bands: dict[tuple[int, int, int], Band] = {}
        self.counters = [defaultdict(lambda: Counter(0)) for _ in range(8)]
        self.opinions: list[dict] = [{}, {}]
        self.set_mixers = defaultdict(lambda: Mixer(FIRST_WEIGHTS))
        self.class_mixers = defaultdict(lambda: Mixer(FIRST_WEIGHTS))
        self.quiet = defaultdict(lambda: Counter(3000))
        self.plain = defaultdict(Counter)
        self.signs = [defaultdict(Counter) for _ in range(5)]
        self.sign_mixers = defaultdict(lambda: Mixer(FIRST_SIGN_WEIGHTS))

    def all(self) -> list[int]:
        out = [0] * sum(s.size for s in self.subbands)
        count = channels_of(self.subbands)
        each = len(self.subbands) // count
        channels = [self.subbands[c * each : (c + 1) * each] for c in range(count)]
        for own in channels:
            out[own[0].places] = self.coarse(own[0])
        for i in range(1, each, 3):
            for own in channels:
                for subband in own[i : i + 3]:
                    out[subband.places] = self.band(subband)
        return out

    # ---- plain decisions

    def counted(self, counter: Counter) -> int:
        yes = self.decisions.decide(safe(counter.p))
        counter.learn(yes)
        return yes

    def number(self, table: tuple) -> int:
        octave = 0
        while octave < 17 and self.counted(self.plain[(*table, octave)]):
            octave += 1
        out = 1
        for _ in range(octave):
            out = out << 1 | self.decisions.decide(32768)
        return out

    # ---- LL

    def coarse(self, s: Subband) -> list[int]:
        out: list[int] = []
        last = 0
        for i in range(s.size):
            table = ("coarse", s.channel, min(abs(last).bit_length(), 4))
            last = self.difference(table)
            out.append(clamp(foretold(out, i, s.width) + last, -MOST, MOST))
        return out

    def difference(self, table: tuple) -> int:
        if not self.counted(self.plain[(*table, "nonzero")]):
            return 0
        minus = self.counted(self.plain[(*table, "minus")])
        v = self.number(table)
        return -v if minus else v

    # ---- the other bands

    def band(self, s: Subband) -> list[int]:
        key = (s.channel, s.level, s.orientation - 1)
        band = self.bands[key] = Band(s.height, s.width)
        state = State()
        for y in range(s.height):
            for x in range(s.width):
                around = Around(self.bands, key, y, x)
                self.quantizer = state.z if self.dependent else 0
                v = self.quiet_one(around) if around.quiet else self.magnitude(around, 0)
                if v:
                    band.set(y, x, -v if self.minus(around) else v)
                state.after(v)
        band.finish()
        return [band.at(y, x) for y in range(s.height) for x in range(s.width)]

    def quiet_one(self, around: Around) -> int:
        return self.magnitude(around, 1) if self.counted(self.quiet[self.quantizer, around.set]) else 0

    def magnitude(self, around: Around, node: int) -> int:
        places = around.places()
        contexts = around.contexts(places[0][0])
        while node < len(THRESHOLDS) and self.reaches(around.set, node, places, contexts):
            node += 1
        if node < 6:
            return node
        if node == len(THRESHOLDS):
            return min(137 + self.number(("beyond", around.channel)), MOST)
        low = THRESHOLDS[node - 1]
        out = 1
        for _ in range((THRESHOLDS[node] - low).bit_length() - 1):
            chroma = around.channel > 0
            bit = self.counted(self.plain["inside", chroma, node, out]) if out < 4 else self.decisions.decide(32768)
            out = out << 1 | bit
        return low + out - (1 << out.bit_length() - 1)

    def reaches(self, of: int, node: int, places: list[tuple[int, int]], contexts: list[int]) -> int:
        own = (self.quantizer, of)
        pairs = [
            [table.setdefault((own, node, i), Opinion(first_opinion(node, i))) for i in (index, index + 1)]
            for table, (index, _) in zip(self.opinions, places, strict=True)
        ]
        said = [(a.p * (1024 - part) + b.p * part) >> 10 for (a, b), (_, part) in zip(pairs, places, strict=True)]
        counters = [table[of, c, node] for table, c in zip(self.counters, contexts, strict=True)]
        for counter in counters:
            if counter.visits == 0:
                counter.p = said[0]
        inputs = [STRETCH[p >> 4] for p in [*(c.p for c in counters), *said]] + [256]
        mixers = [self.set_mixers[own, node], self.class_mixers[self.quantizer, places[0][0] >> 1, node]]
        p = safe(squash(sum(mixer.mix(inputs) for mixer in mixers) >> 1))
        yes = self.decisions.decide(p)
        for learner in (*mixers, *counters):
            learner.learn(yes)
        for (a, b), (_, part) in zip(pairs, places, strict=True):
            a.learn(yes, 1024 - part)
            b.learn(yes, part)
        return yes

    def minus(self, around: Around) -> int:
        counters = [table[c] for table, c in zip(self.signs, around.signs, strict=True)]
        mixer = self.sign_mixers[around.channel, around.orientation]
        p = squash(mixer.mix([STRETCH[c.p >> 4] for c in counters]))
        yes = self.decisions.decide(clamp(p, 655, 64880))
        mixer.learn(yes, slower=1)
        for counter in counters:
            counter.learn(yes)
        return yes


def foretold(values: list[int], i: int, width: int) -> int:
    """From west, north and north-west: the median of west, north, and west + north − north-west."""
    if i == 0:
        return 0
    if i < width:
        return values[i - 1]
    north = values[i - width]
    if i % width == 0:
        return north
    west, corner = values[i - 1], values[i - width - 1]
    return sorted((west, north, west + north - corner))[1]


def channels_of(subbands: list[Subband]) -> int:
    return subbands[-1].channel + 1


def fits(subbands: list[Subband]) -> bool:
    """Whether these are the bands of three channels, or of one."""
    count = channels_of(subbands)
    each = len(subbands) // count
    return (
        count in (1, 3)
        and len(subbands) % count == 0
        and each % 3 == 1
        and [s.channel for s in subbands[::each]] == list(range(count))
        and (subbands[0].orientation == LL)
    )
