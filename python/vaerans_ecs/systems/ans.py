"""Entropy coding by range asymmetric numeral systems (Duda 2013, arXiv 1311.2540)."""

from ._base import InverseOf, NativeSystem


class ANSDecode(NativeSystem, entry="ANSDecode"):
    """Bitstream → SymbolsU8. Raises CorruptStream for anything that no encoder wrote."""

    def __init__(self) -> None:
        super().__init__()


class ANSEncode(NativeSystem, entry="ANSEncode"):
    """SymbolsU8 → Bitstream.

    `coder`: "static" sends integer tables for the subbands, parametric ones where that is smaller; fast for large
    streams. "context" chooses a distribution for every coefficient by its neighbours, under a prior that was trained
    with the VAE and lies in its folder; smallest for pictures, needs the model to decode, raises BadParameter where
    there is no such prior. "constriction" writes what the library of that name reads (AnsCoder with Categorical
    models), and reads what it writes; Bitstream.probs has its probabilities. "auto": the smaller of static and
    context. The file says which it was.
    """

    inverse = InverseOf(ANSDecode)

    def __init__(self, coder: str = "auto") -> None:
        super().__init__(coder=coder)
