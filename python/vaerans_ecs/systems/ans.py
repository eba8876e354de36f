"""Entropy coding by range asymmetric numeral systems (Duda 2013, arXiv 1311.2540)."""

from ._base import InverseOf, NativeSystem


class ANSDecode(NativeSystem, entry="ANSDecode"):
    """Bitstream → SymbolsU8. Raises CorruptStream for anything that no encoder wrote."""

    def __init__(self) -> None:
        super().__init__()


class ANSEncode(NativeSystem, entry="ANSEncode"):
    """SymbolsU8 → Bitstream.

    A table of integer frequencies for each section, or one that several share where that is smaller. The tables
    travel in the trail's record; the payload is 32-bit words.
    """

    inverse = InverseOf(ANSDecode)

    def __init__(self) -> None:
        super().__init__()
