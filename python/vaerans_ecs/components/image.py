"""Pictures: (H, W, 3) uint8, interleaved sRGB."""

from ._base import Component


class RGB(Component):
    """The picture as it was given."""

    key = "RGB"
    kind = "image"


class ReconRGB(Component):
    """The picture as a decoder gives it."""

    key = "ReconRGB"
    kind = "image"


class BlurRGB(Component):
    """A blurred picture."""

    key = "BlurRGB"
    kind = "image"
