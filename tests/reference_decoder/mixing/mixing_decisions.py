"""Binary decisions of the mixing coder: rANS, and the mix of opinions and counters (docs/format_mixing.md)."""

from collections import defaultdict

from ..numbers import FormatError
from .mixing_tables import STRETCH, clamp, squash

FIRST_WEIGHTS = [6000, 6000, 3000, 3000, 3000, 12000, 6000, 6000, 4000, 4000, 4000, 0]
BLEND = 5


class Rans:
    """A state of 64 bits and the words behind it; who decodes says what the lowest bits of the state mean."""

    def __init__(self, stream: bytes):
        if len(stream) < 8:
            raise FormatError("ans payload (mixing): the data end too early")
        self.state, self.rest = int.from_bytes(stream[:8], "little"), stream[8:]
        if self.state < 1 << 32:
            raise FormatError("ans payload (mixing): an impossible state")

    def go_on(self, state: int):
        self.state = state
        if state < 1 << 32:
            if len(self.rest) < 4:
                raise FormatError("ans payload (mixing): the data end too early")
            self.state = state << 32 | int.from_bytes(self.rest[:4], "little")
            self.rest = self.rest[4:]

    def finish(self):
        if self.state != 1 << 32 or self.rest:
            raise FormatError("ans payload (mixing): the stream does not end where it should")


class BinaryRans(Rans):
    def decide(self, p: int) -> int:
        high, s = self.state >> 16, self.state & 0xFFFF
        yes = s < p
        self.go_on(high * p + s if yes else high * (65536 - p) + s - p)
        return int(yes)


class Mixer:
    def __init__(self, weights: list[int] = FIRST_WEIGHTS):
        self.weights, self.age = list(weights), 0

    def mix(self, inputs: list[int]) -> int:
        self.inputs = inputs
        self.logit = clamp(sum(w * x >> 8 for w, x in zip(self.weights, inputs, strict=True)) >> 8, -3071, 3071)
        return self.logit

    def learn(self, yes: int, slower: int = 0):
        rate = (65536 * yes - squash(self.logit)) * ((6 + 640 // (16 + self.age)) >> slower) >> 10
        limit = (1 << 19) - 1
        moved = (w + ((x * rate + 128) >> 8) for w, x in zip(self.weights, self.inputs, strict=True))
        self.weights = [clamp(w, -limit, limit) for w in moved]
        self.age = min(self.age + 1, 639)


class Decisions:
    """What one plane's decisions teach; `code` is called for each in order."""

    def __init__(self, rans: BinaryRans, counters: int = 3):
        self.rans = rans
        self.counters = [defaultdict(lambda: [0, 0]) for _ in range(counters)]  # probability, visits
        weights = [*FIRST_WEIGHTS[:8], *[4000] * counters, 0]
        self.mixers = [defaultdict(lambda: Mixer(weights)) for _ in range(3)]
        self.maps = defaultdict(lambda: [squash(clamp(192 * (i - 16), -3071, 3071)) for i in range(33)])

    def code(self, node: int, contexts: "Contexts", logits: list[int]) -> int:
        counters = [table[context, node] for table, context in zip(self.counters, contexts.counters, strict=True)]
        for counter in counters:
            if counter[1] == 0:
                counter[0] = squash(logits[BLEND])
        inputs = [*logits, *(STRETCH[counter[0] >> 4] for counter in counters), 256]
        mixers = [table[context, node] for table, context in zip(self.mixers, contexts.mixers, strict=True)]
        logit = sum(mixer.mix(inputs) for mixer in mixers) * 341 >> 10
        points = self.maps[contexts.map, node]
        i, part = divmod(logit + 3072, 192)
        refined = (points[i] * (192 - part) + points[i + 1] * part) // 192
        yes = self.rans.decide(clamp((squash(logit) + refined) >> 1, 32, 65504))
        for mixer in mixers:
            mixer.learn(yes)
        for counter in counters:
            counter[0] += (65535 * yes - counter[0]) * (327680 // (10 * counter[1] + 16)) >> 15
            counter[1] = min(counter[1] + 1, 250)
        for point in (i, i + 1):
            points[point] += (65535 * yes - points[point]) >> 6
        return yes


class Contexts:
    """The contexts of a sample's decisions."""

    def __init__(self, mixers: list[int], counters: list[int], map_class: int):
        self.mixers, self.counters, self.map = mixers, counters, map_class
