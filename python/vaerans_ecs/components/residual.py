"""What a reconstruction lacks."""

import numpy as np

from ._base import Component


class Residual(Component):
    """(H, W, 3) int16: source − reconstruction."""

    __slots__ = ()
    key = "Residual"
    kind = "difference"

    @property
    def r(self) -> np.ndarray:
        """The differences: (H, W, 3) int16, read-only, no copy."""
        return self.array


ResidualImage = Residual  # the name in C++, where the system Residual() is beside it
