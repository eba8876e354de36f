"""Coefficients to fit the context coder's prior to: latents at many quantiser steps, and what a decoder misses."""

import numpy as np
import onnxruntime
import torch

from training.autoencoder import chain, data
from training.autoencoder.evaluate import pad_to_factor
from training.autoencoder.metrics import to_8bit
from training.prior import reversible
from training.prior.neighbours import MAGNITUDES, magnitudes, parents, values

LATENT_STEPS = [0.5 * 2 ** (i / 2) for i in range(9)]
RESIDUAL_STEPS = [1, 2, 4, 8, 16, 32]
RESIDUAL_LEVELS = 5
BASE_STEPS = [1.0, 2.0, 4.0]  # residuals are taken from reconstructions at these, in turn
CROP, RESIDUAL_CROP = 1024, 256  # largest side of a picture: the middle of larger ones
REDUCTIONS = (2.0, 3.0)
SAMPLES = 80_000  # coefficients for each band, step and four channels
SHARE = 3  # each picture serves so many steps, in turn; one of the residuals' steps
SEED = 1


def quantise(y, step):
    """Rounds to the nearest multiple, halves away from zero, as the codec does."""
    return torch.sign(y) * torch.floor(y.abs() / step + 0.5)


class Samples:
    """Random coefficients of all pictures with their neighbours, for each band and step, in 16-bit integers; and what
    tells whether a whole band is zero."""

    def __init__(self, channels, levels, points):
        self.channels, self.keys, self.points = channels, chain.band_keys(levels), points
        self.each = SAMPLES // max(1, channels // 4)
        self.parts = {(k, i): [] for k in self.keys for i in range(points)}
        self.zeros = {(k, i): [] for k in self.keys for i in range(points)}
        self.random = np.random.default_rng(SEED)

    def add(self, bands, pictures):
        """Takes some coefficients of one picture: `bands` are its {key: (C,h,w)} for some points {point: bands}."""
        for i, q in bands.items():
            share = max(200, self.each * self.points // (len(bands) * pictures))
            for key, t in q.items():
                if t.numel() != 0:
                    self._add(q, key, i, share)

    def _add(self, q, key, i, share):
        t = q[key]
        zero = (t == 0).flatten(1).all(1)
        parent, _ = parents(q, key)
        above = torch.zeros(len(t)) if parent is None else 2 - (parent == 0).flatten(1).all(1).float()
        self.zeros[key, i].append(torch.stack([zero.float(), above, torch.full((len(t),), float(t[0].numel()))]))
        n = t[0].numel()
        chosen = torch.from_numpy(self.random.choice(n, min(n, share), replace=False))
        coded = (~zero).float()[:, None, None].expand_as(t)
        rows = torch.cat([t[None], coded[None], magnitudes(q, key), values(q, key)]).flatten(2)
        self.parts[key, i].append(rows[..., chosen].transpose(0, 1).clamp(-32768, 32767).short())

    def _all(self, key, i):
        if isinstance(self.parts[key, i], list):
            rows = torch.cat(self.parts[key, i], -1)
            self.parts[key, i] = rows[..., torch.from_numpy(self.random.permutation(rows.shape[-1]))]
        return self.parts[key, i]

    @staticmethod
    def _split(rows):
        rows = rows.float()
        return rows[:, 0], rows[:, 1], rows[:, 2 : 2 + MAGNITUDES], rows[:, 2 + MAGNITUDES :]

    def get(self, key, i):
        """-> (targets (C,n), 1 where its band is not all zero (C,n), magnitudes (C,29,n), values (C,34,n)), float32."""
        return self._split(self._all(key, i))

    def some(self, key, i, n, turn):
        """The same for n coefficients of each channel: one turn after the other goes through all of them."""
        rows = self._all(key, i)
        first = turn * n % max(1, rows.shape[-1] - n + 1)
        return self._split(rows[..., first : first + n])


class Networks:
    """A model's two graphs, with its chain between them."""

    def __init__(self, folder, design):
        self.design = design
        options = onnxruntime.SessionOptions()
        options.enable_cpu_mem_arena = False  # pictures have many shapes
        self.encoder, self.decoder = (
            onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"])
            for name in ("encoder", "decoder")
        )

    @staticmethod
    def _run(session, x):
        return torch.from_numpy(session.run(None, {session.get_inputs()[0].name: x.numpy()})[0])

    def bands(self, pixels):
        """(H,W,3) uint8 -> {key: (C,h,w)}."""
        latent = self._run(self.encoder, pad_to_factor(data.to_tensor(pixels)))
        return {k: y[0] for k, y in chain.analyse(latent, self.design.hadamard).items()}

    def reconstruct(self, pixels, step):
        """(H,W,3) uint8 -> the same, through the whole codec."""
        bands = {k: quantise(y, step)[None] * step for k, y in self.bands(pixels).items()}
        y = self._run(self.decoder, chain.synthesise(bands, self.design.hadamard).contiguous())[0]
        height, width = pixels.shape[:2]
        return to_8bit(y[:, :height, :width]).permute(1, 2, 0).numpy().astype(np.uint8)


def pictures(photos, crop):
    """(pixels, how many there will be) of all training photos, reduced: at most crop x crop of their middle."""
    paths = data.training_paths(photos)
    for path in paths:
        full = data.load(path)
        for factor in REDUCTIONS:
            pixels = data.reduce(full, factor)
            top, left = (max(0, side - crop) // 2 for side in pixels.shape[:2])
            yield pixels[top : top + crop, left : left + crop], len(paths) * len(REDUCTIONS)


def some_of(steps, n, i):
    """{point: step} for n of the steps, others for each i."""
    stride = len(steps) // n
    return {k: steps[k] for k in range(len(steps)) if k % stride == i % stride}


def latent_samples(networks, photos):
    samples = Samples(networks.design.shape.latent, chain.LEVELS, len(LATENT_STEPS))
    for i, (pixels, n) in enumerate(pictures(photos, CROP)):
        bands = networks.bands(pixels)
        some = some_of(LATENT_STEPS, SHARE, i // len(REDUCTIONS))
        samples.add({p: {k: quantise(y, step) for k, y in bands.items()} for p, step in some.items()}, n)
    return samples


def residual_samples(networks, photos):
    samples = Samples(3, RESIDUAL_LEVELS, len(RESIDUAL_STEPS))
    for i, (pixels, n) in enumerate(pictures(photos, RESIDUAL_CROP)):
        difference = pixels.astype(np.int32) - networks.reconstruct(pixels, BASE_STEPS[i % len(BASE_STEPS)])
        bands = reversible.wavelet(reversible.colour(torch.from_numpy(difference)), RESIDUAL_LEVELS)
        some = some_of(RESIDUAL_STEPS, 1, i // len(REDUCTIONS))
        samples.add({p: {k: reversible.quantise(y, step) for k, y in bands.items()} for p, step in some.items()}, n)
    return samples
