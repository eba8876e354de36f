"""What a VAE's encoder gives, and the same after a Hadamard transform of its channels."""

import numpy as np

from ._base import Component


class Latent4(Component):
    """(C, h, w) float32; C = 4 for the specification's VAEs, other counts are accepted."""

    __slots__ = ()
    key = "Latent4"
    kind = "planes"

    @property
    def z(self) -> np.ndarray:
        """The latent: (C, h, w), read-only, no copy."""
        return self.array


class YUVW4(Component):
    """(C, h, w) float32, decorrelated channels."""

    __slots__ = ()
    key = "YUVW4"
    kind = "planes"

    @property
    def t(self) -> np.ndarray:
        """The transformed channels: (C, h, w), read-only, no copy."""
        return self.array
