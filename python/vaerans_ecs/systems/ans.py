"""Systems of the topic ans: ANSDecode, ANSEncode."""

# Written by tools/generate/systems.py from the descriptors in src/systems: change those.

from typing import Literal

from ._base import InverseOf, NativeSystem


class ANSDecode(NativeSystem, entry="ANSDecode"):
    """Undoes ANSEncode: Bitstream → SymbolsU8.

    Raises CorruptStream for anything that no encoder wrote.
    """

    def __init__(self) -> None:
        super().__init__()


class ANSEncode(NativeSystem, entry="ANSEncode"):
    """Entropy coder by range asymmetric numeral systems: SymbolsU8 → Bitstream.

    Duda 2013, arXiv 1311.2540. The coders:

    - static: a table of integer frequencies for each subband, or one that several share, or a parametric one where that
      is smaller; fast for large streams.
    - context: a distribution for every coefficient, chosen by its neighbours under a prior that was trained with the
      VAE and lies in its folder; smallest for pictures, needs the model to decode.
    - constriction: the words that the library of that name writes and reads (AnsCoder with the model Categorical(counts
      / counts.sum(), perfect=False) for each subband); for exchange, so auto never takes it.
    - mixing: each sample of the planes that Predict makes of a picture is predicted and coded as binary decisions under
      probabilities that adapt as they go, in tiles that decode in parallel; likewise each index that QuantizeBands
      makes, in the context of its neighbours.
    - auto: the smallest of all but constriction.

    The file says which it was. Raises BadParameter where the symbols do not fit the coder that was named: context needs
    wavelet bands of a model with a prior, mixing the planes of Predict or the bands of QuantizeBands.

    Args:
        coder: Which coder to use. Auto, mixing, context, static or constriction.
    """

    inverse = InverseOf(ANSDecode)

    def __init__(self, coder: Literal["auto", "mixing", "context", "static", "constriction"] = "auto") -> None:
        super().__init__(coder=coder)
