"""The three entropy decoders. All of them are asymmetric numeral systems (Duda 2013, arXiv:1311.2540).

A distribution is a list of cumulative frequencies: symbol s has the slots from cumulative[s] to cumulative[s + 1].
"""

from bisect import bisect_right

from ..numbers import FormatError


class InterleavedRans:
    """coder=static: several states, *lanes*, take turns and share one sequence of 16-bit units."""

    def __init__(self, payload: bytes, lanes: int, symbols: int):
        if len(payload) % 4 != 0:
            raise FormatError("ans payload: its size is no multiple of 4 bytes")
        self.units = [int.from_bytes(payload[i : i + 2], "little") for i in range(0, len(payload), 2)]
        self.at = self.turn = 0
        while lanes > symbols:
            lanes //= 2
        self.states = self.start_states(lanes)

    def unit(self) -> int:
        if self.at == len(self.units):
            raise FormatError("ans payload: it ends too early")
        self.at += 1
        return self.units[self.at - 1]

    def start_states(self, lanes: int) -> list[int]:
        if lanes == 1 and len(self.units) == 2:  # a short stream is its state
            states = [self.unit() << 16 | self.unit()]
            least = 1 << 16
        else:
            if self.units and self.units[0] == 0:  # fills the first word
                self.unit()
            states = [self.unit() << 32 | self.unit() << 16 | self.unit() for _ in range(lanes)]
            least = 1 << 32
        if any(state < least for state in states):
            raise FormatError("ans payload: a state is too small")
        return states

    def symbol(self, cumulative: list[int]) -> int:
        """Takes a symbol; the table's frequencies sum up to 2^16."""
        lane = self.turn % len(self.states)
        self.turn += 1
        state = self.states[lane]
        slot = state & 0xFFFF
        symbol = bisect_right(cumulative, slot) - 1
        state = (cumulative[symbol + 1] - cumulative[symbol]) * (state >> 16) + slot - cumulative[symbol]
        single_at_its_end = len(self.states) == 1 and self.at == len(self.units) and state >= 1 << 16
        if state < 1 << 32 and not single_at_its_end:
            state = state << 16 | self.unit()
        self.states[lane] = state
        return symbol

    def finish(self):
        end = 1 << (16 if len(self.states) == 1 else 32)
        if self.at != len(self.units) or any(state != end for state in self.states):
            raise FormatError("ans payload: it does not end where its symbols do")


class IntervalRans:
    """coder=context: one state, and a distribution over 2^14 slots for every symbol."""

    def __init__(self, payload: bytes):
        if len(payload) < 6:
            raise FormatError("ans payload: it has no state")
        self.payload, self.at = payload, 6
        self.state = int.from_bytes(payload[:6], "little")
        if self.state < 1 << 32:
            raise FormatError("ans payload: the state is too small")

    def symbol(self, cumulative: list[int]) -> int:
        slot = self.state & 0x3FFF
        symbol = bisect_right(cumulative, slot) - 1
        self._advance(cumulative[symbol], cumulative[symbol + 1] - cumulative[symbol])
        return symbol

    def bits(self, n: int) -> int:
        """n raw bits: a symbol of the uniform distribution over 2^n."""
        if n > 14:
            raise FormatError("ans payload: a number is too large")
        value = (self.state & 0x3FFF) >> (14 - n)
        self._advance(value << (14 - n), 1 << (14 - n))
        return value

    def _advance(self, start: int, freq: int):
        self.state = freq * (self.state >> 14) + (self.state & 0x3FFF) - start
        if self.state < 1 << 32:
            if self.at + 2 > len(self.payload):
                raise FormatError("ans payload: it ends too early")
            self.state = self.state << 16 | int.from_bytes(self.payload[self.at : self.at + 2], "little")
            self.at += 2

    def finish(self):
        if self.at != len(self.payload) or self.state != 1 << 32:
            raise FormatError("ans payload: it does not end where its symbols do")


class CategoricalAns:
    """coder=constriction: one state of 64 bits, 24-bit distributions, and 32-bit words that are taken from the end."""

    def __init__(self, payload: bytes):
        if len(payload) % 4 != 0:
            raise FormatError("ans payload: its size is no multiple of 4 bytes")
        self.words = [int.from_bytes(payload[i : i + 4], "little") for i in range(0, len(payload), 4)]
        if self.words and self.words[-1] == 0:
            raise FormatError("ans payload: it ends in a word of zero")
        self.state = 0
        self._refill()
        self._refill()

    def _refill(self):
        if self.state < 1 << 32 and self.words:
            self.state = self.state << 32 | self.words.pop()

    def symbol(self, cumulative: list[int]) -> int:
        slot = self.state & 0xFFFFFF
        symbol = bisect_right(cumulative, slot) - 1
        freq = cumulative[symbol + 1] - cumulative[symbol]
        self.state = (self.state >> 24) * freq + slot - cumulative[symbol]
        self._refill()
        return symbol

    def finish(self):
        if self.words or self.state != 0:
            raise FormatError("ans payload: it does not end where its symbols do")
