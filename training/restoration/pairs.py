"""Crops of photos, and what the wavelet coder makes of them at random steps: training.restoration.train reads them.

    python -m training.restoration.pairs [--data ../shared/photos] [--out training/runs/restoration]

Uses the built package, some minutes of a core. Crops are varied as those for the autoencoders are
(training.autoencoder.data).
"""

import argparse
from pathlib import Path

import numpy as np
import torch
import vaerans_ecs

from training.autoencoder import data

SIDE = 384
REDUCTIONS = (1.0, 1.0, 1.0, 1.5, 1.5, 2.0, 2.0, 2.5, 2.5, 3.0, 3.0, 4.0)
RUN = data.RUNS / "restoration"
# Each as the dial codes, but not restored; and the range of its steps.
KINDS = {
    "psnr": ("dependent=true", (5.0, 100.0)),
    "visual": ("dependent=true, visual=true, rdo=0.05, masking=0.45", (4.0, 80.0)),
}
STEPS_EACH = 3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data.DEFAULT_PHOTOS)
    parser.add_argument("--out", type=Path, default=RUN)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    for path in data.photo_paths(options.data):
        held = path.stem in data.HELD_OUT
        crops = list(crops_of(data.load(path), rng, varied=not held))
        made = {kind: [pair(crop, kind, rng, i) for crop in crops for i in range(STEPS_EACH)] for kind in KINDS}
        arrays = {f"{kind}_{name}": column for kind, rows in made.items() for name, column in columns(rows)}
        np.savez(options.out / f"{'held-out' if held else 'photo'}-{path.stem}.npz", crops=np.stack(crops), **arrays)
        print(path.stem, len(crops), flush=True)


def crops_of(pixels, rng, varied):
    """The busier of two crops at each reduction, (SIDE,SIDE,3) uint8."""
    for factor in REDUCTIONS:
        reduced = data.reduce(pixels, factor)
        if min(reduced.shape[:2]) < SIDE:
            continue
        both = np.stack([random_crop(reduced, rng) for _ in range(2)])
        chosen = torch.from_numpy(both[int(data.detail(torch.from_numpy(both)).argmax())][None])
        if varied:
            chosen = data.varied(chosen.float().permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        yield chosen[0].byte().numpy()


def random_crop(pixels, rng):
    top, left = (rng.integers(0, side - SIDE + 1) for side in pixels.shape[:2])
    return pixels[top : top + SIDE, left : left + SIDE]


def pair(crop, kind, rng, part):
    """A decoded crop and its step, drawn from one of STEPS_EACH equal parts of the kind's octaves."""
    options, (least, most) = KINDS[kind]
    ratio = (most / least) ** (1 / STEPS_EACH)
    step = float(least * ratio ** (part + rng.random()))
    recipe = f"ycocg | cdf97(levels=6) | quantize_bands(step={step}, {options}) | ans(coder=mixing)"
    return vaerans_ecs.decompress(vaerans_ecs.compress(crop, recipe=recipe)), step


def columns(rows):
    decoded, steps = zip(*rows, strict=True)
    return ("decoded", np.stack(decoded)), ("steps", np.array(steps, np.float32))


if __name__ == "__main__":
    main()
