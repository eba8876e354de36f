"""A picture for the pixel coder: lossless, or with a largest error."""

from ._base import InverseOf, NativeSystem


class PredictInverse(NativeSystem, entry="PredictInverse"):
    """SymbolsU8 (3, H, W) uint8 → ReconRGB (H, W, 3)."""

    def __init__(self) -> None:
        super().__init__()


class Predict(NativeSystem, entry="Predict"):
    """RGB (H, W, 3) uint8 → SymbolsU8 (3, H, W) uint8: the planes G, R, B, for ANSEncode(coder="mixing").

    `max_error` 0…100: how far a sample may be moved, in grey levels. 0 is exact; above, each sample goes to the nearest
    point of a grid of step 2·max_error + 1 around its prediction from the samples before it, as in near-lossless
    JPEG-LS (ISO/IEC 14495-1). Raises BadParameter.
    """

    inverse = InverseOf(PredictInverse)

    def __init__(self, max_error: int = 0) -> None:
        super().__init__(max_error=max_error)
