"""Gaussian blur."""

from ._base import NativeSystem


class GaussianBlur(NativeSystem, entry="GaussianBlur"):
    """Picture → BlurRGB. `sigma`: pixels, > 0 and ≤ 100.

    Separable, truncated at 4σ, half-sample symmetric borders, rounded to 8 bits: scipy.ndimage.gaussian_filter's
    conventions.
    """

    def __init__(self, sigma: float = 1.5) -> None:
        super().__init__(sigma=sigma)
