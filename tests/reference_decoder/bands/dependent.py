"""Dependent indices: which of two quantisers is whose (docs/format_bands.md, "Dependent indices")."""


class State:
    """Three bits, of which the lowest says the quantiser of the next index."""

    def __init__(self):
        self.z, self.a, self.b = 0, 0, 0

    def after(self, index: int):
        self.z, self.a, self.b = self.z ^ self.a, self.b ^ (index & 1), self.z


def quantizers(indices: list[int]) -> list[int]:
    """0 or 1 for each of a band's indices, in order."""
    out, state = [], State()
    for index in indices:
        out.append(state.z)
        state.after(index)
    return out
