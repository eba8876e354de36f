"""What a reconstruction lacks."""

from ._base import Component


class Residual(Component):
    """(H, W, 3) int16: source − reconstruction."""

    key = "Residual"
    kind = "difference"


ResidualImage = Residual  # the name in C++, where the system Residual() is beside it
