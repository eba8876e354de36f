#!/usr/bin/env python3
"""Trains the context coder's prior of a model and writes it into its folder as prior.bin.

    python training/prior.py --model photo-f8c4
    python training/prior.py --residual             # the one built in, src/systems/coders/residual_prior.inc

For every channel and band it fits the weights with which known neighbours predict a coefficient's magnitude and mean,
by gradient descent on the code length under a mixture of two Laplacians; then it counts, with the weights rounded to
integers, what really occurs in each context class. Only the counts become code tables. The neighbours, the classes and
the file's format are defined in src/kernels/band_context.hpp and src/systems/coders/context_prior.hpp.

Photos: those that the networks were trained on, reduced 2 and 3 times. Latents: steps from half to eight in half
octaves. Residuals: of reconstructions by the model at different steps, in reversible colour and wavelet, steps from 1
to 32.
"""

import argparse
import os
import time
from pathlib import Path

# Before PyTorch starts its threads: the tensors are small, and a second thread would only wait for the first.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import chain
import data
import numpy as np
import onnxruntime
import reversible
import torch
from designs import DESIGNS
from evaluate import pad_to_factor
from metrics import to_8bit
from neighbours import magnitudes, parents, values
from prior_file import install, serialise, write_source
from torch.nn import functional as F

LATENT_STEPS = [0.5 * 2 ** (i / 2) for i in range(9)]
RESIDUAL_STEPS = [1, 2, 4, 8, 16, 32]
RESIDUAL_LEVELS = 5
BASE_STEPS = [1.0, 2.0, 4.0]  # of the reconstructions that residuals are taken from, in turn
CROP, RESIDUAL_CROP = 1024, 256  # largest side of a picture: the middle of larger ones
REDUCTIONS = (2.0, 3.0)
MAGNITUDES, MEANS = 29, 34
CLASSES, PHASES, REACH = 112, 3, 40
ZERO_CLASSES, ABOVES = 16, 3
SLOTS = 1 << 14
SAMPLES = 40_000  # coefficients for each band, step and four channels
SHARE = 3  # each picture serves so many steps, in turn; one of the residuals' steps
ITERATIONS, RATE = 600, 0.06
BATCH = 16_000  # coefficients of all channels together, for each step of the fit; at least 500 of each channel
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
    paths = [p for p in data.photo_paths(photos) if p.stem not in data.HELD_OUT]
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


# ---- weights ---------------------------------------------------------------------------------------------------------


def laplacian_mass(distance, spread):
    """Mass of the unit interval at a distance from the centre of a Laplacian whose mean magnitude is `spread`."""
    far = torch.exp(-(distance + 0.5) / spread)
    outside = (torch.exp(-(distance - 0.5).clamp_min(0) / spread) - far) / 2
    inside = 1 - (torch.exp(-(0.5 - distance).clamp_min(0) / spread) + far) / 2
    return torch.where(distance >= 0.5, outside, inside)


def code_length(t, mean, spread):
    distance = (t - mean).abs()
    mixture = 0.8 * laplacian_mass(distance, spread) + 0.2 * laplacian_mass(distance, 2.5 * spread)
    return -(mixture + 1e-7).log2()


class Row(torch.nn.Module):
    """The weights of one band, for all its channels. Spreads are added up as their powers of 3/4."""

    def __init__(self, channels, starts):
        super().__init__()
        raw = torch.full((channels, 1, MAGNITUDES), -5.0)
        raw[..., :2], raw[..., 5] = -1.5, -2.0
        self.magnitude = torch.nn.Parameter(raw)
        self.mean = torch.nn.Parameter(torch.zeros(channels, 1, MEANS))
        self.bias = torch.nn.Parameter(torch.log(torch.expm1((starts / 2).clamp(0.005, 25) ** 0.75)))

    def forward(self, magnitudes, values, step):
        power = (F.softplus(self.magnitude) / 16 @ magnitudes)[:, 0] + F.softplus(self.bias[:, step, None]) + 0.01
        return (self.mean @ values)[:, 0], power ** (4 / 3)

    @torch.no_grad()
    def integers(self):
        """-> (29,C), (34,C) in units of 1/256, (C,P) in units of 1/4096."""
        weights = (F.softplus(self.magnitude[:, 0]).T, self.mean[:, 0].T)
        weights = tuple((256 * w).round().clamp(-(1 << 11), 1 << 11).int() for w in weights)
        return *weights, (4096 * (F.softplus(self.bias) + 0.01)).round().clamp_max(1 << 24).int()


def fit(samples, key):
    """Minimises the mean code length of one band over all steps."""
    starts = torch.stack([samples.get(key, i)[0].abs().mean(1) for i in range(samples.points)], 1)
    row = Row(len(starts), starts)
    optimizer = torch.optim.Adam(row.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, ITERATIONS, RATE / 50)
    batch = max(500, BATCH // samples.channels)
    for iteration in range(ITERATIONS):
        i = iteration % samples.points
        t, coded, magnitudes, values = samples.some(key, i, batch, iteration // samples.points)
        loss = (coded * code_length(t, *row(magnitudes, values, i))).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return row.integers()


# ---- tables ----------------------------------------------------------------------------------------------------------


def class_of(spread):
    """Eight classes for each octave of the power, in the integer arithmetic of the coder."""
    t = torch.floor(spread / 4).clamp(8, (1 << 17) - 1)
    octave = torch.floor(torch.log2(t)) - 3
    return (octave * 8 + torch.floor(t / 2**octave) - 8).long()


def low_bits(spread_class):
    """Of values that a class leaves to be coded raw."""
    return torch.div(spread_class - 56, 6, rounding_mode="floor").sub(2).clamp_min(0)


def contexts(row, magnitudes, values, step):
    """Integer arithmetic of the coder: -> (class, phase, centre, mirrored)."""
    weights, means, bias = (r.double() for r in row)
    spread = (weights.T[:, None] @ magnitudes.double())[:, 0] + bias[:, step, None]
    mean = (means.T[:, None] @ values.double())[:, 0]
    centre = torch.floor((mean + 128) / 256)
    fraction = mean - 256 * centre
    return class_of(spread), torch.floor((fraction.abs() + 32) / 64).long(), centre, fraction < 0


def count(rows, samples):
    """(112,3,2*40+1) counts of the values -40..40 in every context, larger ones cut off."""
    counts = torch.zeros(CLASSES, PHASES, 2 * REACH + 1)
    for (key, i), part in samples.parts.items():
        if len(part) == 0:
            continue
        t, coded, magnitudes, values = samples.get(key, i)
        spread_class, phase, centre, mirrored = contexts(rows[key], magnitudes, values, i)
        v = t - centre
        v = torch.where(mirrored, -v, v).long() >> low_bits(spread_class)
        index = (spread_class * PHASES + phase) * (2 * REACH + 1) + v.clamp(-REACH, REACH) + REACH
        counts.view(-1).index_add_(0, index.flatten(), coded.flatten())
    return counts


def smooth(counts):
    """Probabilities: a context with few samples leans on its neighbouring classes, and those on a broad Laplacian."""
    pooled = counts.sum(1, keepdim=True)
    pooled = pooled + F.pad(pooled, (0, 0, 0, 0, 1, 0))[:-1] + F.pad(pooled, (0, 0, 0, 0, 0, 1))[1:]
    pooled = pooled + pooled.flip(-1)
    broad = torch.exp(-torch.arange(-REACH, REACH + 1).abs() / 3)
    near = pooled / pooled.sum(-1, keepdim=True).clamp_min(1)
    p = counts + 0.05 * (counts + counts.flip(-1)) + 20 * near + 0.5 * broad / broad.sum()
    return p / p.sum(-1, keepdim=True)


def zero_flags(rows, tables, samples):
    """(16,3) slots of 2^14 for "the whole band is zero", by how many of its coefficients the bias alone lets expect
    not to be, and by what the band's parent is (0 there is none, 1 zero, 2 not zero)."""
    counts = torch.full((ZERO_CLASSES, ABOVES, 2), 0.5)
    nonzero = torch.tensor([float(SLOTS - freq[0]) if freq else float(SLOTS) for freq in tables[::PHASES]])
    for (key, i), found in samples.zeros.items():
        if not found:
            continue
        zero, above, size = torch.stack(found, -1)  # (C,pictures) each
        expected = size * nonzero[class_of(rows[key][2][:, i].double())][:, None]
        index = torch.floor(torch.log2(torch.floor(expected / 1024) + 0.5)).add(1).clamp(0, ZERO_CLASSES - 1)
        place = (index.long() * ABOVES + above.long()) * 2 + (1 - zero).long()
        counts.view(-1).index_add_(0, place.flatten(), torch.ones(place.numel()))
    share = counts[..., 0] / counts.sum(-1)
    return (share * SLOTS).round().clamp(1, SLOTS - 1).int()


def zigzagged(p):
    """(81,) over -40..40 -> over 0, 1, -1, 2, -2 ..."""
    order = [REACH] + [REACH + s * k for k in range(1, REACH + 1) for s in (1, -1)]
    return p[order]


def frequencies(p):
    """Integer frequencies of the zigzag values; the escape gets what is missing to 2^14, at least 1. Values whose share
    is below half a slot are left to the escape."""
    scaled = zigzagged(p).double() * (SLOTS - 8)
    freq = scaled.round().long()
    freq = freq[: int(freq.nonzero().max()) + 1]
    excess = int(freq.sum()) - (SLOTS - 1)
    if excess > 0:
        freq[freq.argmax()] -= excess
    return freq.tolist()


def train(samples):
    """-> the bytes of a prior."""
    rows = {}
    for key in samples.keys:
        rows[key] = fit(samples, key)
        print(f"{time.process_time():.0f} s: {key}", flush=True)
    probabilities = smooth(count(rows, samples))
    tables = [frequencies(probabilities[c, p]) for c in range(CLASSES) for p in range(PHASES)]
    return serialise(rows, tables, zero_flags(rows, tables, samples), samples)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", choices=DESIGNS, default="photo-f8c4")
    p.add_argument("--folder", type=Path, help="the model's folder; default: models/<model>")
    p.add_argument("--residual", action="store_true", help="train on residuals of the model's reconstructions instead")
    p.add_argument("--data", type=Path, default=data.DEFAULT_PHOTOS, help="folder of photos")
    args = p.parse_args()
    folder = args.folder or data.ROOT / "models" / args.model
    torch.manual_seed(SEED)
    networks = Networks(folder, DESIGNS[args.model])
    samples = (residual_samples if args.residual else latent_samples)(networks, args.data)
    content = train(samples)
    if args.residual:
        write_source(data.ROOT / "src" / "systems" / "coders" / "residual_prior.inc", content)
    else:
        install(folder, content)
    print(f"{len(content)} bytes")


if __name__ == "__main__":
    main()
