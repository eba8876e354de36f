"""The exact twin of a decoder: whole numbers carried in float32, so that every machine gives the same pixels.

Weights and activations are whole numbers (weights up to a power of two per output channel), and for every output the
sum of |weight| times the largest activation stays below 2^24. Then each partial sum is a float32 without rounding, and
no order of summation, fused multiply-add, vector width, tile or batch can change a bit. Between layers a value is
rounded (floor of x + 1/2; the half is in the bias) and clipped, which is exact, too. Compare the integer networks of
Balle, Johnston, Minnen 2019; here the integers travel in floats because float convolutions are the fast ones.

    y = clip(floor(conv(x)))            x, y whole numbers; conv's weights are k / 2^shift

The leaky ReLU divides by a power of two, which no float32 rounds, and is followed by a rounding to whole numbers.

The float decoder gives the weights; the range of every channel is measured on training photos (`calibrate`).
"""

import torch
from torch import nn
from torch.nn import functional as F

from training.autoencoder import chain
from training.autoencoder.evaluate import quantise

EXACT = 1 << 24  # float32 holds every whole number up to this
LATENT_BITS = 6  # latents are taken to multiples of 2^-6
# Largest values, either sign, on the residual trunk of each resolution and between its blocks' convolutions. They share
# 24 bits with the weights: at 1/4 a convolution sums 9 * 64 inputs at most instead of 9 * 128, which leaves a bit more.
TRUNK = {"eighth": 1023, "quarter": 2047}
INNER = {"eighth": 255, "quarter": 511}
HEADROOM = 1.3  # ranges go so far beyond the largest value seen
CALIBRATION_STEPS = (1.0, 4.0)  # quantiser steps of the latents that ranges are measured on, besides unquantised ones
PIXELS = 255.0
RESULT_BITS = 4  # both branches end on multiples of 2^-4 of a pixel's unit, then add up


def rounded(x):
    """To whole numbers; the half that makes it a rounding is in the convolutions' bias."""
    return torch.floor(x)


def activated(activation, x):
    """The activation, rounded to whole numbers; `x` comes without the half in its bias."""
    return torch.floor(activation(x) + 0.5)


class ExactConv(nn.Conv2d):
    """A convolution from whole numbers within `limits` to values that need only `rounded`. `step_in` and `step_out` say
    what one unit means in the float network, per channel; `beside` is the largest value that is added to the output,
    `half` what is added to the bias."""

    def __init__(self, layer, step_in, step_out, limits, beside=0.0, half=0.5):
        super().__init__(layer.in_channels, layer.out_channels, layer.kernel_size, padding=layer.padding)
        self.requires_grad_(False)
        weight = (layer.weight * step_in[None, :, None, None] / step_out[:, None, None, None]).double()
        bias = (layer.bias / step_out).double() + half
        reach = self._reach(weight, bias, limits, beside)
        shift = torch.floor(torch.log2(EXACT / reach))
        whole = self._whole(weight, bias, shift)
        while (over := self._reach(*whole, limits, beside * 2**shift) >= EXACT).any():
            shift = torch.where(over, shift - 1, shift)
            whole = self._whole(weight, bias, shift)
        self.weight.copy_(whole[0] / 2 ** shift[:, None, None, None])
        self.bias.copy_(whole[1] / 2**shift)
        self.shift = shift

    @staticmethod
    def _reach(weight, bias, limits, beside):
        """The largest magnitude of any partial sum of each output."""
        return (weight.abs().sum((2, 3)) * limits.double()).sum(1) + bias.abs() + beside

    @staticmethod
    def _whole(weight, bias, shift):
        """Whole numbers of at most 11 bits: the files store weights as float16."""
        scaled = torch.round(weight * 2 ** shift[:, None, None, None])
        return scaled.half().double(), torch.round(bias * 2**shift)


class ExactBlock(nn.Module):
    """clip(x + conv(clip(activation(conv(x))))) on whole numbers; model.ResBlock's twin."""

    def __init__(self, block, step, inner_step, trunk, inner):
        super().__init__()
        self.trunk, self.inner, self.activation = trunk, inner, block.activation
        self.first = ExactConv(block.first, step, inner_step, torch.full_like(step, trunk), half=0.0)
        self.second = ExactConv(block.second, inner_step, step, torch.full_like(inner_step, inner), trunk)

    def forward(self, x):
        y = activated(self.activation, self.first(x)).clamp(-self.inner, self.inner)
        return rounded((x + self.second(y)).clamp(-self.trunk, self.trunk))


class ExactDecoder(nn.Module):
    """(N,C,h,w) latents, rounded to multiples of 2^-LATENT_BITS -> (N,3,8h,8w) pixels p / 127.5 - 1, p whole."""

    def __init__(self, decoder, ranges):
        super().__init__()
        latent = torch.full((decoder.stem.in_channels,), 2.0**-LATENT_BITS)
        self.limits = nn.Parameter(torch.ceil(ranges["latent"] / latent)[None, :, None, None], requires_grad=False)
        limits = self.limits.flatten()
        trunk8, trunk4 = (ranges[k] / TRUNK[k] for k in TRUNK)
        # One more than the trunks hold: how far the rounding behind the activation may reach for check_exact.py.
        full8, full4 = (torch.full_like(ranges[k], TRUNK[k] + 1) for k in TRUNK)
        self.stem = ExactConv(decoder.stem, latent, trunk8, limits)
        self.eighth = self._blocks(decoder.eighth, trunk8, ranges, "eighth")
        self.up = ExactConv(decoder.up, trunk8, trunk4.repeat_interleave(4), full8)
        self.quarter = self._blocks(decoder.quarter, trunk4, ranges, "quarter")
        self.activation = decoder.activation
        pixel = torch.full((3 * 64,), 2.0 / PIXELS / 2**RESULT_BITS)
        self.head = ExactConv(decoder.head, trunk4, pixel[: 3 * 16], full4)
        self.linear = ExactConv(with_middle(decoder.linear), latent, pixel, limits)

    @staticmethod
    def _blocks(blocks, step, ranges, name):
        inner = (ranges[f"{name}.{i}"] / INNER[name] for i in range(len(blocks)))
        pairs = zip(blocks, inner, strict=True)
        return nn.Sequential(*(ExactBlock(b, step, s, TRUNK[name], INNER[name]) for b, s in pairs))

    def forward(self, z):
        z = torch.maximum(torch.minimum(torch.floor(z * 2**LATENT_BITS + 0.5), self.limits), -self.limits)
        trunk8, trunk4 = TRUNK.values()
        y = self.eighth(rounded(self.stem(z).clamp(-trunk8, trunk8)))
        y = F.pixel_shuffle(self.up(activated(self.activation, y)), 2)
        y = self.quarter(rounded(y.clamp(-trunk4, trunk4)))
        y = rounded(self.head(activated(self.activation, y)))
        y = F.pixel_shuffle(y, 4) + F.pixel_shuffle(rounded(self.linear(z)), 8)
        y = torch.floor(y * 2**-RESULT_BITS + 0.5).clamp(0, PIXELS)
        return y * (2 / PIXELS) - 1


def float_twin(weights):
    """{name: array} of an exact decoder -> those of a float one that does the same but for rounding and clipping, to
    train on from. Its activations are scaled to be of the size of 1."""
    pixel, latent = PIXELS * 2**RESULT_BITS / 2, 2.0**LATENT_BITS
    trunk8, trunk4 = (TRUNK[k] / 8 for k in TRUNK)
    units = {"stem": (latent, trunk8), "up": (trunk8, trunk4), "head": (trunk4, pixel), "linear": (latent, pixel)}
    result = {}
    for name in (n.removesuffix(".weight") for n in weights if n.endswith(".weight")):
        unit_in, unit_out = units.get(name) or block_units(*name.split("."))
        half = 0.0 if name.endswith(".first") else 0.5
        result[f"{name}.weight"] = weights[f"{name}.weight"] * (unit_in / unit_out)
        result[f"{name}.bias"] = (weights[f"{name}.bias"] - half) / unit_out
    result["linear.bias"] = result["linear.bias"] - 1
    return result


def block_units(stage, _, layer):
    """What goes in and comes out of a block's convolution, in units of its float twin."""
    trunk, inner = TRUNK[stage] / 8, INNER[stage] / 8
    return {"first": (trunk, inner), "second": (inner, trunk)}[layer]


def with_middle(linear):
    """The same layer with black, not grey, as zero."""
    result = nn.Conv2d(linear.in_channels, linear.out_channels, 1).requires_grad_(False)
    result.weight.copy_(linear.weight)
    result.bias.copy_(linear.bias + 1)
    return result


@torch.no_grad()
def calibrate(decoder, latents):
    """{'latent', 'eighth', 'eighth.0', ...: (C,)}: the largest magnitude of each channel over these latents, with
    headroom: of a trunk anywhere along it, of a block between its convolutions after the activation."""
    ranges = {}

    def note(name, x):
        largest = x.abs().amax((0, 2, 3))
        ranges[name] = torch.maximum(ranges.get(name, largest), largest)

    def watch(layer, before, after, then=None):
        """Notes what goes into a layer, and what comes out of it after `then`, under these names."""

        def hook(_, inputs, output):
            if before:
                note(before, inputs[0])
            note(after, then(output) if then else output)

        return layer.register_forward_hook(hook)

    hooks = [watch(decoder.stem, "latent", "eighth")]
    for name in ("eighth", "quarter"):
        for i, block in enumerate(getattr(decoder, name)):
            hooks.append(watch(block.first, None, f"{name}.{i}", block.activation))
            hooks.append(watch(block, name, name))
    for z in latents:
        decoder(z)
    for hook in hooks:
        hook.remove()
    return {name: HEADROOM * x.clamp_min(1e-3) for name, x in ranges.items()}


def extremes(side=64):
    """Pictures (1,3,side,side) in [-1,1] that photos do not hold: full black, white and colours, checkers of them."""
    corners = torch.tensor([[r, g, b] for r in (-1.0, 1.0) for g in (-1.0, 1.0) for b in (-1.0, 1.0)])
    places = torch.arange(side)
    for colour in corners:
        yield colour[None, :, None, None].expand(1, 3, side, side).contiguous()
        for period in (1, 8, 32):
            squares = ((places[:, None] // period + places // period) % 2).float() * 2 - 1
            yield colour[None, :, None, None] * squares


@torch.no_grad()
def calibration_latents(model, hadamard, images):
    """Latents of pictures as they are and as the quantiser leaves them."""
    for x in images:
        latent = model.encoder(x)
        yield latent
        bands = chain.analyse(latent, hadamard)
        for step in CALIBRATION_STEPS:
            yield chain.synthesise(quantise(bands, step)[0], hadamard)
