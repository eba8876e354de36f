"""The networks: RGB (N,3,H,W) in [-1,1] <-> latent (N,4,H/8,W/8), fully convolutional and free of normalisation.

Design: most work happens at 1/8 and 1/4 of the resolution (space-to-depth going in, pixel shuffle coming out), in plain
residual blocks without batch or group norm (EDSR, Lim et al. 2017), so a pixel depends on a bounded neighbourhood and a
tile decodes like the whole image. A linear 8x8 block transform runs beside each network, as in a classic codec: the
deep branch only learns what the linear one misses, which shortens training. A cheap decoder beside a dearer encoder
follows Yang & Mandt 2023 (arXiv 2304.06244). Zero padding: an 8x8 image (a 1x1 latent) works.
"""

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F

from training.autoencoder.chain import HADAMARD4

FACTOR = 8
# Latents start at the scale that the objective asks for: where the slope of an orthonormal transform's error over its
# bits, 2 ln 2 step^2 / 12, meets objective.LAMBDA. Left to find it, they take thousands of steps.
LATENT_GAIN = 2.2
HEAD_START = 0.05  # what is left of the deep branches' first output
UNIT_GAIN = 1.4  # scales the first convolution in a residual block
DECODER_LIMIT = 40_000  # multiply-accumulates per output pixel; the project's law for shipped decoders
ENCODER_LIMIT = 4 * DECODER_LIMIT


@dataclass(frozen=True)
class Shape:
    """Widths (channels) and depths (residual blocks) at 1/4 and 1/8 resolution."""

    latent: int = 4
    encoder_width4: int = 64
    encoder_blocks4: int = 1
    encoder_width8: int = 128
    encoder_blocks8: int = 4
    decoder_width8: int = 128
    decoder_blocks8: int = 5
    decoder_width4: int = 64
    decoder_blocks4: int = 1
    slope: float = 1 / 8  # where activations are negative; a power of two keeps the exact decoder's whole numbers exact

    def as_dict(self):
        return asdict(self)


def conv(n_in, n_out, gain=1.0):
    """3x3, zero padded; `gain` scales the initial weights."""
    layer = nn.Conv2d(n_in, n_out, 3, padding=1)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
    nn.init.zeros_(layer.bias)
    with torch.no_grad():
        layer.weight.mul_(gain)
    return layer


def pointwise(n_in, n_out, gain):
    """1x1: on a space-to-depth image, a linear block transform."""
    layer = nn.Conv2d(n_in, n_out, 1)
    with torch.no_grad():
        layer.weight.mul_(gain)
    return layer


class ResBlock(nn.Module):
    """x + conv(activation(conv(x))). The second convolution starts small, so a deep stack starts near the identity.

    Leaky ReLUs (Maas, Hannun, Ng 2013), because plain ones die: there is no normalisation, and in the first two
    revisions two units of three, in the deeper blocks nearly all, had stopped to fire for good."""

    def __init__(self, width, slope):
        super().__init__()
        self.first = conv(width, width, UNIT_GAIN)
        self.activation = nn.LeakyReLU(slope)
        self.second = conv(width, width, 0.2)

    def forward(self, x):
        return x + self.second(self.activation(self.first(x)))


def blocks(width, n, slope):
    return nn.Sequential(*(ResBlock(width, slope) for _ in range(n)))


class Encoder(nn.Module):
    """(N,3,H,W) in [-1,1] -> (N,latent,H/8,W/8)."""

    def __init__(self, s: Shape):
        super().__init__()
        self.stem = conv(3 * 16, s.encoder_width4)
        self.quarter = blocks(s.encoder_width4, s.encoder_blocks4, s.slope)
        self.down = conv(4 * s.encoder_width4, s.encoder_width8)
        self.eighth = blocks(s.encoder_width8, s.encoder_blocks8, s.slope)
        self.head = conv(s.encoder_width8, s.latent, 0.2 * LATENT_GAIN)
        self.linear = pointwise(3 * 64, s.latent, LATENT_GAIN)
        self.activation = nn.LeakyReLU(s.slope)

    def forward(self, x):
        y = self.quarter(self.stem(F.pixel_unshuffle(x, 4)))
        y = self.eighth(self.activation(self.down(F.pixel_unshuffle(self.activation(y), 2))))
        return self.head(self.activation(y)) + self.linear(F.pixel_unshuffle(x, 8))


class Decoder(nn.Module):
    """(N,latent,h,w) -> (N,3,8h,8w), nominally in [-1,1]; the consumer clamps."""

    def __init__(self, s: Shape):
        super().__init__()
        self.stem = conv(s.latent, s.decoder_width8, 1 / LATENT_GAIN)
        self.eighth = blocks(s.decoder_width8, s.decoder_blocks8, s.slope)
        self.up = conv(s.decoder_width8, 4 * s.decoder_width4)
        self.quarter = blocks(s.decoder_width4, s.decoder_blocks4, s.slope)
        self.head = conv(s.decoder_width4, 3 * 16, 0.2)
        self.linear = pointwise(s.latent, 3 * 64, 1 / LATENT_GAIN)
        self.activation = nn.LeakyReLU(s.slope)

    def forward(self, z):
        y = self.eighth(self.stem(z))
        y = self.quarter(F.pixel_shuffle(self.up(self.activation(y)), 2))
        return F.pixel_shuffle(self.head(self.activation(y)), 4) + F.pixel_shuffle(self.linear(z), 8)


@torch.no_grad()
def start_linear(model, pictures, hadamard):
    """Sets the linear branches to the principal components of 8x8 blocks, an orthonormal transform times LATENT_GAIN,
    and silences the deep ones: training starts from the best linear codec instead of from noise. With `hadamard` the
    latents are the components' Hadamard transform, so that the chain's own Hadamard brings the components back."""
    blocks = F.pixel_unshuffle(pictures, FACTOR).transpose(0, 1).flatten(1)
    _, vectors = torch.linalg.eigh((blocks @ blocks.T / blocks.shape[1]).double())
    basis = vectors.flip(1)[:, : model.shape.latent].T.float()
    if hadamard:
        basis = HADAMARD4.to(basis) @ basis
    model.encoder.linear.weight.copy_(LATENT_GAIN * basis[:, :, None, None])
    model.decoder.linear.weight.copy_(basis.T[:, :, None, None] / LATENT_GAIN)
    for layer in (model.encoder.linear, model.decoder.linear):
        layer.bias.zero_()
    for layer in (model.encoder.head, model.decoder.head):
        layer.weight.mul_(HEAD_START)


class Autoencoder(nn.Module):
    """Both halves; their cost is checked here, so no checkpoint of too dear a model can come to exist."""

    def __init__(self, shape: Shape = Shape()):
        super().__init__()
        self.shape = shape
        self.encoder = Encoder(shape)
        self.decoder = Decoder(shape)
        cost = self.macs_per_pixel()
        if cost["decoder"] > DECODER_LIMIT or cost["encoder"] > ENCODER_LIMIT:
            raise ValueError(f"too many MAC per pixel: {cost}; limits {ENCODER_LIMIT} and {DECODER_LIMIT}")

    def macs_per_pixel(self):
        """{'encoder': n, 'decoder': n}: multiply-accumulates per image pixel, borders counted as interior."""
        side = 64
        image = torch.zeros(1, 3, side, side)
        latent = torch.zeros(1, self.shape.latent, side // FACTOR, side // FACTOR)
        return {
            "encoder": count_macs(self.encoder, image) / side**2,
            "decoder": count_macs(self.decoder, latent) / side**2,
        }

    def parameter_counts(self):
        return {k: sum(p.numel() for p in getattr(self, k).parameters()) for k in ("encoder", "decoder")}


def count_macs(network, example):
    """Multiply-accumulates of all convolutions of one forward pass."""
    total = 0

    def hook(layer, _, output):
        nonlocal total
        total += output[0, 0].numel() * layer.weight.numel()

    handles = [m.register_forward_hook(hook) for m in network.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        network(example)
    for handle in handles:
        handle.remove()
    return total
