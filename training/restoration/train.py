"""Trains one set of the restoration step's weights.

    python -m training.restoration.pairs                                     # once
    python -m training.restoration.train psnr --minutes 40
    python -m training.restoration.train visual --minutes 60 --start training/runs/restoration/psnr.pt
    python -m training.restoration.train --write                             # both into the library's source

Prints what the held-out photos gain, in dB, and in SSIMULACRA2 for visual, from the finest steps to the coarsest.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch

from training.autoencoder import ssimulacra2
from training.restoration import file
from training.restoration.network import Network, pixels_of, planes_of
from training.restoration.pairs import RUN, STEPS_EACH

BATCH, SIDE = 8, 112
RATE, WARM_STEPS, MOST_SLOPE = 1e-3, 200, 1.0
AVERAGE = 0.999
FLOOR = 0.3  # squared error, so that flat crops do not count more than they show
DAMAGE_FLOOR, ERROR_SHARE = 3, 0.5  # visual: likewise for SSIMULACRA2's damage; what squared errors weigh beside it
PARTS = 6  # ranges of steps that are reported apart


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["psnr", "visual"], nargs="?")
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--start", type=Path, help="a state to go on from, or 'shipped'")
    parser.add_argument("--run", type=Path, default=RUN)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.write:
        file.write_source([torch.load(options.run / f"{kind}.pt") for kind in ("psnr", "visual")])
    else:
        train(options)


def load_pairs(run, kind, prefix):
    """[(crop, decoded, step)], pictures (SIDE,SIDE,3) uint8."""
    out = []
    for path in sorted(run.glob(f"{prefix}-*.npz")):
        arrays = np.load(path)
        crops = np.repeat(arrays["crops"], STEPS_EACH, 0)
        out += zip(crops, arrays[f"{kind}_decoded"], arrays[f"{kind}_steps"].tolist(), strict=True)
    if not out:
        raise FileNotFoundError(f"no pairs in {run}: run training.restoration.pairs")
    return out


def batch_of(pairs, rng):
    """Source and decoded planes (N,3,SIDE,SIDE), turned and mirrored alike, and their steps."""
    crops, decoded, steps = [], [], []
    for i in rng.integers(len(pairs), size=BATCH):
        source, coded, step = pairs[i]
        top, left = (rng.integers(0, n - SIDE + 1) for n in source.shape[:2])
        how = rng.integers(2, size=3)
        for part, all_parts in ((source, crops), (coded, decoded)):
            own = part[top : top + SIDE, left : left + SIDE]
            own = own[:: 1 - 2 * how[0], :: 1 - 2 * how[1]]
            all_parts.append(own.transpose(1, 0, 2) if how[2] else own)
        steps.append(step)
    return planes_of(np.stack(crops)), planes_of(np.stack(decoded)), torch.tensor(steps)


def shown(planes):
    """In [-1,1], as SSIMULACRA2 takes pictures."""
    return pixels_of(planes).add(128) / 127.5 - 1


def squared_error(a, b):
    return (pixels_of(a - b) ** 2).mean((1, 2, 3))


def loss_of(kind, source, decoded, restored):
    """What is left of what quantising has done: 1 where nothing is gained."""
    left = (squared_error(restored, source) + FLOOR) / (squared_error(decoded, source) + FLOOR)
    if kind == "psnr":
        return left.mean()
    with torch.no_grad():
        before = ssimulacra2.damage(shown(source), shown(decoded))
    damage = ssimulacra2.damage(shown(source), shown(restored)) / (before + DAMAGE_FLOOR)
    return (damage + ERROR_SHARE * left).mean()


def train(options):
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    pairs, held = (load_pairs(options.run, options.kind, prefix) for prefix in ("photo", "held-out"))
    network = Network()
    if options.start:
        network.load_state_dict(start_of(options))
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGE)
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE, betas=(0.9, 0.99))
    begun, reported, steps = time.monotonic(), time.monotonic(), 0
    while (part := (time.monotonic() - begun) / (60 * options.minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1, steps / WARM_STEPS) * (1 + math.cos(math.pi * part)) / 2
        source, decoded, sizes = batch_of(pairs, rng)
        loss = loss_of(options.kind, source, decoded, network(decoded, sizes))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), MOST_SLOPE)
        optimizer.step()
        average.update_parameters(network)
        steps += 1
        if time.monotonic() - reported > 100:
            reported = time.monotonic()
            report(options, average.module, held, steps)
    report(options, average.module, held, steps)


def start_of(options):
    if str(options.start) == "shipped":
        return file.read_source()[options.kind == "visual"]
    return torch.load(options.start)


def report(options, network, held, steps):
    torch.save(network.state_dict(), options.run / f"{options.kind}.pt")
    rows = np.array(sorted((step, *gain(options.kind, network, *pair, step)) for *pair, step in held))
    parts = [np.round(part.mean(0), 3).tolist() for part in np.array_split(rows, PARTS)]
    print({"steps": steps, "gains": parts, "mean": np.round(rows[:, 1:].mean(0), 3).tolist()}, flush=True)


@torch.no_grad()
def gain(kind, network, crop, decoded, step):
    """In dB, and in points of SSIMULACRA2."""
    source, before = planes_of(crop[None]), planes_of(decoded[None])
    after = network(before, torch.tensor([step]))
    decibels = 10 * torch.log10(squared_error(before, source) / squared_error(after, source)).item()
    if kind == "psnr":
        return (decibels,)
    scores = [ssimulacra2.score(ssimulacra2.damage(shown(source), shown(p))).item() for p in (before, after)]
    return decibels, scores[1] - scores[0]


if __name__ == "__main__":
    main()
