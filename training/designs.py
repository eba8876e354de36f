"""The models that this folder trains: networks and the transforms that follow the encoder."""

from dataclasses import asdict, dataclass, replace

from model import Shape


@dataclass(frozen=True)
class Design:
    """A name, its networks, whether Hadamard stands between latent and wavelet, the quantiser steps to train for."""

    name: str
    shape: Shape
    hadamard: bool
    step_range: tuple[float, float]

    def as_dict(self):
        return asdict(self)

    @staticmethod
    def from_dict(saved):
        return Design(saved["name"], Shape(**saved["shape"]), saved["hadamard"], tuple(saved["step_range"]))

    @property
    def recipe(self):
        """The chain that the networks are trained through, as the codec writes it."""
        hadamard = " | hadamard4" if self.hadamard else ""
        return f"vae({self.name}){hadamard} | cdf53(levels=4) | quantize(step=1.0) | ans"


# Of the models with many channels.
WIDE = Shape(
    encoder_width4=48,
    encoder_width8=128,
    encoder_blocks8=3,
    decoder_width8=128,
    decoder_blocks8=5,
    decoder_width4=48,
    decoder_blocks4=2,
)

DESIGNS = {
    d.name: d
    for d in (
        Design("photo-f8c4", Shape(), hadamard=True, step_range=(2**-0.5, 2**2)),
        # Thirty-two channels keep the detail that four cannot; those that a picture does not need quantise to zeros,
        # which cost the coder next to nothing, so one model serves from 0.1 to 0.5 bits per pixel. They start as
        # principal components, decorrelated and of unequal variance: Hadamard would only mix them again.
        # Revisions 1 and 2 had plain ReLUs, the encoder has them still.
        Design("photo-f8c32", replace(WIDE, latent=32, encoder_slope=0.0), hadamard=False, step_range=(0.7, 6.0)),
        # Not shipped: what is to follow, once it is better at every rate (README.md).
        Design("photo-f8c64", replace(WIDE, latent=64), hadamard=False, step_range=(0.9, 6.5)),
    )
}
