#!/usr/bin/env python3
"""Trains the autoencoder through the codec's chain. CPU or GPU; stops and resumes at any time.

    python -m training.autoencoder.train --minutes 100                # the whole run
    python -m training.autoencoder.train --minutes 100 --slice 20     # 20 minutes of it; call again to go on

The learning rate follows the time spent so far as a part of --minutes, so a slow and a busy machine both end annealed.
"""

import argparse
import json
import math
import signal
import time
from pathlib import Path

import torch

from training.autoencoder import data
from training.autoencoder.designs import DESIGNS
from training.autoencoder.evaluate import validate
from training.autoencoder.model import Autoencoder
from training.autoencoder.trainer import Trainer


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", choices=DESIGNS, default="photo-f8c4")
    p.add_argument("--minutes", type=float, default=100, help="total training time, all slices together")
    p.add_argument("--slice", type=float, default=math.inf, help="minutes to train in this call")
    p.add_argument("--data", type=Path, default=data.DEFAULT_PHOTOS, help="folder of photos")
    p.add_argument("--run", type=Path, help="folder for checkpoints; default: training/runs/<model>")
    p.add_argument("--start", type=Path, help="begin with the networks of this model's folder, or checkpoint")
    p.add_argument("--part", choices=("both", "decoder"), default="both", help="decoder: latents and rates stay")
    p.add_argument("--revive", choices=("encoder", "decoder"), help="with --start: new weights for its dead units")
    p.add_argument("--batch", type=int, default=2)
    p.add_argument("--crop", type=int, default=192, help="side in pixels, a multiple of 8; 128 for four wavelet levels")
    p.add_argument("--lr", type=float, default=6e-4)
    p.add_argument("--msssim-weight", type=float, default=0.5, help="needs --crop 176 or more")
    p.add_argument("--ssimulacra2-weight", type=float, default=0.0, help="counts in crops of 176 pixels or more")
    p.add_argument("--optimizer", choices=("muon", "adam"), default="muon")
    p.add_argument("--checkpoint-every", type=float, default=6, help="minutes")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=0, help="CPU threads; 0 leaves PyTorch's default")
    args = p.parse_args()
    args.run = args.run or data.RUNS / args.model
    return args


def mean_of(rows):
    return {k: sum(r[k] for r in rows) / len(rows) for k in rows[0]}


def log_row(trainer, images, means):
    """Validates the averaged weights, adds a row to the run's history and returns it; `means` are of its last steps."""
    averaged = Autoencoder(trainer.model.shape).to(trainer.device)
    averaged.load_state_dict(trainer.ema)
    row = {"step": trainer.steps, "minutes": round(trainer.seconds / 60, 2)}
    row |= {"train_" + k: round(v, 4) for k, v in means.items()}
    row |= {k: round(v, 4) for k, v in validate(averaged, trainer.design.hadamard, images).items()}
    trainer.history.append(row)
    return row


def checkpoint(trainer, images, recent):
    """Logs one line and saves."""
    print(json.dumps(log_row(trainer, images, mean_of(recent) if recent else {})), flush=True)
    trainer.save()


def main():
    args = arguments()
    args.run.mkdir(parents=True, exist_ok=True)
    torch.set_flush_denormal(True)
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    trainer = Trainer(args)
    sampler = data.CropSampler.of_folder(args.data, args.crop, trainer.device)
    if not trainer.resume():
        trainer.begin(sampler)
    torch.manual_seed(args.seed + trainer.steps)  # a resumed slice must not repeat its crops and its noise
    images = data.validation_images(args.data)
    print(
        f"{trainer.device}, {trainer.model.macs_per_pixel()} MAC per pixel, {trainer.model.parameter_counts()}",
        flush=True,
    )

    stop = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.append(1))
    run(trainer, sampler, images, stop)


def cut(x):
    """Now and then the same pixels as many tiny pictures."""
    tile = data.random_tile()
    return data.tiles(x, *tile) if tile else x


def run(trainer, sampler, images, stop):
    """Until the total or the slice is spent or a signal comes; only training counts as time, validation does not."""
    args, recent, begin = trainer.args, [], trainer.seconds
    saved = begin
    while not stop and trainer.progress < 1 and trainer.seconds - begin < 60 * args.slice:
        start = time.monotonic()
        recent.append(trainer.step(cut(sampler.batch(args.batch))))
        trainer.seconds += time.monotonic() - start
        if trainer.seconds - saved > 60 * args.checkpoint_every:
            checkpoint(trainer, images, recent)
            saved, recent = trainer.seconds, []
    checkpoint(trainer, images, recent)


if __name__ == "__main__":
    main()
