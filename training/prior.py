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
from pathlib import Path

import chain
import data
import numpy as np
import onnxruntime
import reversible
import torch
from designs import DESIGNS
from evaluate import pad_to_factor
from metrics import to_8bit
from prior_file import install, serialise, write_source
from torch.nn import functional as F

LATENT_STEPS = [0.5 * 2 ** (i / 2) for i in range(9)]
RESIDUAL_STEPS = [1, 2, 4, 8, 16, 32]
RESIDUAL_LEVELS = 5
BASE_STEPS = [1.0, 2.0, 4.0]  # of the reconstructions that residuals are taken from, in turn
CROP = 1024  # largest side of a picture: the middle of larger ones
REDUCTIONS = (2.0, 3.0)
MAGNITUDES, MEANS = 12, 8
CLASSES, PHASES, REACH = 64, 3, 40
SLOTS = 1 << 14
SAMPLES = 100_000  # coefficients for each band, step and four channels
ITERATIONS, RATE = 450, 0.06
BATCH = 36_000  # coefficients of all channels together, for each step of the fit; at least 1500 of each channel
SEED = 1


def quantise(y, step):
    """Rounds to the nearest multiple, halves away from zero, as the codec does."""
    return torch.sign(y) * torch.floor(y.abs() / step + 0.5)


# ---- neighbours ------------------------------------------------------------------------------------------------------


def shifted(a, dy, dx):
    """(C,h,w) -> the value at (y + dy, x + dx), zero outside."""
    height, width = a.shape[-2:]
    return F.pad(a, (2, 2, 2, 2))[..., 2 + dy : 2 + dy + height, 2 + dx : 2 + dx + width]


def fitted(a, like):
    """Cropped or padded with zeros to the size of another band."""
    height, width = like.shape[-2:]
    a = a[..., :height, :width]
    return F.pad(a, (0, width - a.shape[-1], 0, height - a.shape[-2]))


def doubled(a, like):
    return fitted(a.repeat_interleave(2, -2).repeat_interleave(2, -1), like)


def cross(a):
    return shifted(a, -1, 0) + shifted(a, 1, 0) + shifted(a, 0, -1) + shifted(a, 0, 1)


def earlier(a, n):
    """The channel n before each, zero where there is none."""
    return F.pad(a, (0, 0, 0, 0, n, 0))[: a.shape[0]]


def neighbours(q, key):
    """{band: (C,h,w)} -> (magnitudes (12,C,h,w), values (8,C,h,w)) of all coefficients of one band."""
    level, band = key
    t = q[key]
    none = torch.zeros_like(t)
    parent = doubled(q[level + 1, band], t) if band != "LL" and (level + 1, band) in q else none
    all_parents = parent.abs().sum(0, keepdim=True).expand_as(t)
    # The order of HL, LH, HH: each sees those before it.
    before = (
        [fitted(q[level, b].abs(), t) for b in ("HL", "LH", "HH")[: ("HL", "LH", "HH").index(band)]]
        if band != "LL"
        else []
    )
    sibling = before + [none] * (2 - len(before))
    a, previous = t.abs(), earlier(t, 1)
    total = torch.cumsum(a, 0) - a
    magnitudes = [
        shifted(a, 0, -1),
        shifted(a, -1, 0),
        shifted(a, -1, -1) + shifted(a, -1, 1),
        shifted(a, 0, -2) + shifted(a, -2, 0),
        parent.abs(),
        *sibling,
        previous.abs(),
        cross(previous.abs()),
        total,
        cross(total),
        all_parents,
    ]
    values = [shifted(t, 0, -1), shifted(t, -1, 0), shifted(t, -1, -1), shifted(t, -1, 1), parent]
    return torch.stack(magnitudes), torch.stack([*values, previous, earlier(t, 2), earlier(t, 3)])


class Samples:
    """Random coefficients of all pictures with their neighbours, for each band and step; in half precision, which is
    exact up to 2048."""

    def __init__(self, channels, levels, points):
        self.channels, self.keys, self.points = channels, chain.band_keys(levels), points
        self.each = SAMPLES // max(1, channels // 4)
        self.parts = {(k, i): [] for k in self.keys for i in range(points)}
        self.random = np.random.default_rng(SEED)

    def add(self, indices, pictures):
        """Takes some coefficients of one picture: `indices` are its bands {key: (C,h,w)} for each point."""
        for i, q in enumerate(indices):
            for key, t in q.items():
                if t.numel() == 0:
                    continue
                magnitudes, values = neighbours(q, key)
                n = t[0].numel()
                chosen = torch.from_numpy(self.random.choice(n, min(n, max(200, self.each // pictures)), replace=False))
                part = [t[None].flatten(2), magnitudes.flatten(2), values.flatten(2)]
                self.parts[key, i].append(torch.cat([p[..., chosen] for p in part]).half())

    def _all(self, key, i):
        if isinstance(self.parts[key, i], list):
            self.parts[key, i] = torch.cat(self.parts[key, i], -1)
        return self.parts[key, i]

    @staticmethod
    def _split(rows):
        rows = rows.float()
        return rows[0], rows[1 : 1 + MAGNITUDES], rows[1 + MAGNITUDES :]

    def get(self, key, i):
        """-> (targets (C,n), magnitudes (12,C,n), values (8,C,n)), float32."""
        return self._split(self._all(key, i))

    def some(self, key, i, n, random):
        """The same for n coefficients of each channel, drawn with repetition."""
        rows = self._all(key, i)
        return self._split(rows[..., torch.randint(0, rows.shape[-1], (min(n, rows.shape[-1]),), generator=random)])


class Networks:
    """A model's two graphs, with its chain between them."""

    def __init__(self, folder, design):
        self.design = design
        self.encoder, self.decoder = (
            onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), providers=["CPUExecutionProvider"])
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


def pictures(photos):
    """All training photos, reduced."""
    paths = [p for p in data.photo_paths(photos) if p.stem not in data.HELD_OUT]
    for path in paths:
        full = data.load(path)
        for factor in REDUCTIONS:
            pixels = data.reduce(full, factor)
            top, left = (max(0, side - CROP) // 2 for side in pixels.shape[:2])
            yield pixels[top : top + CROP, left : left + CROP], len(paths) * len(REDUCTIONS)


def latent_samples(networks, photos):
    samples = Samples(networks.design.shape.latent, chain.LEVELS, len(LATENT_STEPS))
    for pixels, n in pictures(photos):
        bands = networks.bands(pixels)
        samples.add([{k: quantise(y, step) for k, y in bands.items()} for step in LATENT_STEPS], n)
    return samples


def residual_samples(networks, photos):
    samples = Samples(3, RESIDUAL_LEVELS, len(RESIDUAL_STEPS))
    for i, (pixels, n) in enumerate(pictures(photos)):
        difference = pixels.astype(np.int32) - networks.reconstruct(pixels, BASE_STEPS[i % len(BASE_STEPS)])
        bands = reversible.wavelet(reversible.colour(torch.from_numpy(difference)), RESIDUAL_LEVELS)
        samples.add([{k: reversible.quantise(y, step) for k, y in bands.items()} for step in RESIDUAL_STEPS], n)
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
    """The weights of one band, for all its channels."""

    def __init__(self, channels, starts):
        super().__init__()
        raw = torch.full((MAGNITUDES, channels, 1), -4.0)
        raw[:2], raw[4] = -1.5, -2.0
        self.magnitude = torch.nn.Parameter(raw)
        self.mean = torch.nn.Parameter(torch.zeros(MEANS, channels, 1))
        self.bias = torch.nn.Parameter(torch.log(torch.expm1(starts.clamp(0.01, 50) / 2)))

    def forward(self, magnitudes, values, step):
        spread = (F.softplus(self.magnitude) * magnitudes).sum(0) + F.softplus(self.bias[:, step, None]) + 0.01
        return (self.mean * values).sum(0), spread

    @torch.no_grad()
    def integers(self):
        """-> (12,C), (8,C), (C,P) in units of 1/256."""
        parts = (F.softplus(self.magnitude[..., 0]), self.mean[..., 0], F.softplus(self.bias) + 0.01)
        limits = (1 << 11, 1 << 11, 1 << 24)
        return tuple((256 * p).round().clamp(-m, m).int() for p, m in zip(parts, limits, strict=True))


def fit(samples, key):
    """Minimises the mean code length of one band over all steps."""
    starts = torch.stack([samples.get(key, i)[0].abs().mean(1) for i in range(samples.points)], 1)
    row = Row(len(starts), starts)
    optimizer = torch.optim.Adam(row.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, ITERATIONS, RATE / 20)
    random = torch.Generator().manual_seed(SEED)
    batch = max(1500, BATCH // samples.channels)
    for iteration in range(ITERATIONS):
        i = iteration % samples.points
        t, magnitudes, values = samples.some(key, i, batch, random)
        loss = code_length(t, *row(magnitudes, values, i)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return row.integers()


# ---- tables ----------------------------------------------------------------------------------------------------------


def contexts(row, magnitudes, values, step):
    """Integer arithmetic of the coder: -> (class, phase, centre, mirrored)."""
    weights, means, bias = (r.double() for r in row)
    spread = (weights[..., None] * magnitudes).sum(0) + bias[:, step, None]
    mean = (means[..., None] * values).sum(0)
    t = torch.floor(spread / 4).clamp(1, 65535)
    octave = torch.floor(torch.log2(t))
    centre = torch.floor((mean + 128) / 256)
    fraction = mean - 256 * centre
    spread_class = octave * 4 + torch.floor((t / 2**octave - 1) * 4)
    return spread_class.long(), torch.floor((fraction.abs() + 32) / 64).long(), centre, fraction < 0


def count(rows, samples):
    """(64,3,2*40+1) counts of the values -40..40 in every context, larger ones cut off."""
    counts = torch.zeros(CLASSES, PHASES, 2 * REACH + 1)
    for (key, i), _ in samples.parts.items():
        t, magnitudes, values = samples.get(key, i)
        spread_class, phase, centre, mirrored = contexts(rows[key], magnitudes.double(), values.double(), i)
        v = t - centre
        v = torch.where(mirrored, -v, v).long() >> (spread_class // 4 - 8).clamp_min(0)
        index = (spread_class * PHASES + phase) * (2 * REACH + 1) + v.clamp(-REACH, REACH) + REACH
        counts.view(-1).index_add_(0, index.flatten(), torch.ones(index.numel()))
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
    rows = {key: fit(samples, key) for key in samples.keys}
    probabilities = smooth(count(rows, samples))
    tables = [frequencies(probabilities[c, p]) for c in range(CLASSES) for p in range(PHASES)]
    return serialise(rows, tables, samples)


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
