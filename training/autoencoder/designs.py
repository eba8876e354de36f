"""The models that this folder trains: networks and the transforms that follow the encoder."""

from dataclasses import asdict, dataclass, replace

from training.autoencoder.model import Shape


@dataclass(frozen=True)
class Design:
    """A name, its networks, whether Hadamard stands between latent and wavelet, the quantiser steps to train for, the
    weight of bits with which the codec's quantiser rounds."""

    name: str
    shape: Shape
    hadamard: bool
    step_range: tuple[float, float]
    rdo: float = 0.0

    def as_dict(self):
        return asdict(self)

    @staticmethod
    def from_dict(saved):
        known = {"shape": Shape(**saved["shape"]), "step_range": tuple(saved["step_range"])}
        return Design(**(saved | known))

    @property
    def recipe(self):
        """The chain that the networks are trained through, as the codec writes it."""
        hadamard = " | hadamard4" if self.hadamard else ""
        rdo = f", rdo={self.rdo}" if self.rdo else ""
        return f"vae({self.name}){hadamard} | cdf53(levels=4) | quantize(step=1.0{rdo}) | ans"


# The widths that the models with many channels share.
WIDE = Shape(
    encoder_width4=48,
    encoder_width8=128,
    encoder_blocks8=3,
    decoder_width8=128,
    decoder_blocks8=5,
    decoder_width4=48,
    decoder_blocks4=2,
)

STRONG = replace(
    WIDE,
    latent=64,
    encoder_width4=96,
    encoder_blocks4=3,
    encoder_width8=192,
    encoder_blocks8=5,
    decoder_blocks8=6,
)

DESIGNS = {
    d.name: d
    for d in (
        Design("photo-f8c4", Shape(), hadamard=True, step_range=(2**-0.5, 2**2), rdo=0.06),
        # Thirty-two channels keep the detail that four cannot; those that a picture does not need quantise to zeros,
        # which cost the coder next to nothing, so one model serves from 0.1 to 0.5 bits per pixel. They start as
        # principal components, decorrelated and of unequal variance: Hadamard would only mix them again.
        # Here rdo costs 0.1 dB at equal rate.
        Design("photo-f8c32", replace(WIDE, latent=32), hadamard=False, step_range=(0.7, 6.0)),
        # Twice the channels for 0.2 to 0.4 bits per pixel, and an encoder of four times the work: it runs once a
        # picture, and what it finds out costs the decoder nothing.
        Design("photo-f8c64", STRONG, hadamard=False, step_range=(1.0, 8.0)),
    )
}
