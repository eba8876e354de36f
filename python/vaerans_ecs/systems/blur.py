"""Systems of the topic blur: GaussianBlur."""

# Written by tools/generate/systems.py from the descriptors in src/systems: change those.

from ._base import NativeSystem


class GaussianBlur(NativeSystem, entry="GaussianBlur"):
    """Gaussian blur of an 8-bit picture → BlurRGB.

    Separable, truncated at 4σ, half-sample symmetric borders, rounded to 8 bits: the conventions of
    scipy.ndimage.gaussian_filter.

    Args:
        sigma: Standard deviation in pixels. Above 0 and at most 100.
    """

    def __init__(self, sigma: float = 1.5) -> None:
        super().__init__(sigma=sigma)
