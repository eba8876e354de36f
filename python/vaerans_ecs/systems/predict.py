"""Systems of the topic predict: Predict, PredictInverse."""

# Written by tools/generate/systems.py from the descriptors in src/systems: change those.

from ._base import InverseOf, NativeSystem


class PredictInverse(NativeSystem, entry="PredictInverse"):
    """Undoes Predict: SymbolsU8 (C, H, W) → ReconRGB (H, W, C)."""

    def __init__(self) -> None:
        super().__init__()


class Predict(NativeSystem, entry="Predict"):
    """Planes of a picture for the pixel coder: RGB (H, W, C), C = 3 or 1 (grey), uint8 or uint16 → SymbolsU8 (C, H, W)
    of the same type.

    The planes are G, R, B, in the order in which ANSEncode with the coder mixing takes them, or the one of grey. With
    max_error = 0 they are exact; above, each sample goes to the nearest point of a grid of step 2 · max_error + 1
    around its prediction from the samples before it, as in near-lossless JPEG-LS (ISO/IEC 14495-1). The coder makes the
    same predictions.

    Args:
        max_error: How far a sample may be moved, in grey levels; 0: exact. 0 to 100.
        effort: How much time the coder takes for smaller files, to decode, too: up to 2 the fast model, from 8 on the
            dense one. 1 to 9.
    """

    inverse = InverseOf(PredictInverse)

    def __init__(self, max_error: int = 0, effort: int = 5) -> None:
        super().__init__(max_error=max_error, effort=effort)
