"""What a VAE's encoder gives, and the same after a Hadamard transform of its channels."""

from ._base import Component


class Latent4(Component):
    """(C, h, w) float32; C = 4 for the specification's VAEs, other counts are accepted."""

    key = "Latent4"
    kind = "planes"


class YUVW4(Component):
    """(C, h, w) float32, decorrelated channels."""

    key = "YUVW4"
    kind = "planes"
