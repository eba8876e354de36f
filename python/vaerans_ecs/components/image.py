"""Pictures: (H, W, 3) uint8, interleaved sRGB."""

import numpy as np

from ._base import Component


class Picture(Component):
    """What the three have in common."""

    __slots__ = ()

    @property
    def pix(self) -> np.ndarray:
        """The pixels: (H, W, 3) uint8, read-only, no copy."""
        return self.array

    @property
    def colourspace(self) -> str:
        """Always 'sRGB': pictures of other spaces are converted before they become components."""
        return "sRGB"


class RGB(Picture):
    """The picture as it was given."""

    __slots__ = ()
    key = "RGB"
    kind = "image"


class ReconRGB(Picture):
    """The picture as a decoder gives it."""

    __slots__ = ()
    key = "ReconRGB"
    kind = "image"


class BlurRGB(Picture):
    """A blurred picture."""

    __slots__ = ()
    key = "BlurRGB"
    kind = "image"
