#!/usr/bin/env python3
"""Trains the autoencoder through the codec's chain. CPU or GPU; stops and resumes at any time.

    python training/train.py --minutes 100                # the whole run
    python training/train.py --minutes 100 --slice 20     # 20 minutes of it; call again to go on

The learning rate follows the time spent so far as a part of --minutes, so a slow and a busy machine both end annealed.
"""

import argparse
import json
import math
import os
import signal
import time
from pathlib import Path

# Before PyTorch starts its threads: on a shared machine, waiting threads must not burn the time of working ones.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import chain
import data
import objective
import torch
from designs import DESIGNS
from evaluate import validate
from model import Autoencoder, start_linear
from onnx_weights import read_networks
from optimizer import Muon, split_parameters

HERE = Path(__file__).resolve().parent
EMA_DECAY = 0.9985
WARMUP_STEPS = 100
CLIP_NORM = 2.0
WEIGHT_DECAY = 0.1  # of the inner convolutions, times the learning rate: without it a residual trunk may run away
PRIOR_RATE = 0.01  # the rates' own learning rate: they must keep up with the encoder
PRIOR_STEPS, PRIOR_BATCHES, PRIOR_CROPS, PRIOR_FIT_RATE = 800, 16, 8, 0.1  # of its fit before the first step
START_CROPS = 64  # crops whose blocks give the principal components


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", choices=DESIGNS, default="photo-f8c4")
    p.add_argument("--minutes", type=float, default=100, help="total training time, all slices together")
    p.add_argument("--slice", type=float, default=math.inf, help="minutes to train in this call")
    p.add_argument("--data", type=Path, default=data.DEFAULT_PHOTOS, help="folder of photos")
    p.add_argument("--run", type=Path, help="folder for checkpoints; default: runs/<model> beside this file")
    p.add_argument("--start", type=Path, help="begin with the networks of this model's folder")
    p.add_argument("--batch", type=int, default=2)
    p.add_argument("--crop", type=int, default=192, help="side in pixels, a multiple of 8; 128 for four wavelet levels")
    p.add_argument("--lr", type=float, default=6e-4)
    p.add_argument("--msssim-weight", type=float, default=0.5, help="needs --crop 176 or more")
    p.add_argument("--optimizer", choices=("muon", "adam"), default="muon")
    p.add_argument("--checkpoint-every", type=float, default=6, help="minutes")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=0, help="CPU threads; 0 leaves PyTorch's default")
    args = p.parse_args()
    args.run = args.run or HERE / "runs" / args.model
    return args


class Trainer:
    """Everything that a checkpoint holds, and the step that changes it."""

    def __init__(self, args):
        self.args = args
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.design = DESIGNS[args.model]
        shape = self.design.shape
        self.model = Autoencoder(shape).to(self.device, memory_format=torch.channels_last)
        self.prior = chain.BandPrior(shape.latent).to(self.device)
        self.ema = {k: v.clone() for k, v in self.model.state_dict().items()}
        self.optimizers = self._optimizers()
        self.steps, self.seconds, self.history = 0, 0.0, []

    def begin(self, sampler):
        """Goes on from the checkpoint, or starts from a shipped model, or from principal components."""
        if self.resume():
            return
        if self.args.start:
            read_networks(self.model, self.args.start)
        else:
            start_linear(self.model, sampler.batch(START_CROPS, plain=True).to(self.device), self.design.hadamard)
        self._fit_prior(sampler)
        self.ema = {k: v.clone() for k, v in self.model.state_dict().items()}

    def _fit_prior(self, sampler):
        """A model comes without the rates it was trained with: they are learnt first, the networks held. Rates of a
        prior that lags behind would push the encoder away from where it is good."""
        with torch.no_grad():
            crops = (sampler.batch(PRIOR_CROPS, plain=True).to(self.device) for _ in range(PRIOR_BATCHES))
            batches = [(x[:, 0].numel(), chain.analyse(self.model.encoder(x), self.design.hadamard)) for x in crops]
        optimizer = torch.optim.Adam(self.prior.parameters(), lr=PRIOR_FIT_RATE)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: min(1, 2 * (1 - i / PRIOR_STEPS)))
        for i in range(PRIOR_STEPS):
            step = objective.random_step(*self.design.step_range)
            pixels, bands = batches[i % PRIOR_BATCHES]
            optimizer.zero_grad(set_to_none=True)
            (self.prior.bits(chain.rough(bands, step), step).sum() / pixels).backward()
            optimizer.step()
            schedule.step()

    def _optimizers(self):
        hidden, rest = split_parameters(self.model)
        if self.args.optimizer == "adam":
            hidden, rest = [], hidden + rest
        groups = [{"params": rest, "rate": 1.0}, {"params": self.prior.parameters(), "rate": PRIOR_RATE / self.args.lr}]
        adam = torch.optim.Adam(groups, lr=self.args.lr, betas=(0.9, 0.98))
        inner = [{"params": hidden, "rate": 1.0}]
        return [adam] + ([Muon(inner, lr=self.args.lr, weight_decay=WEIGHT_DECAY)] if hidden else [])

    @property
    def progress(self):
        """0 at the start, 1 when the time is spent."""
        return min(1.0, self.seconds / (60 * self.args.minutes))

    def _set_rate(self):
        """Warm-up, a plateau for a third of the time, then a cosine to (nearly) nothing."""
        fall = max(0.0, (self.progress - 1 / 3) / (2 / 3))
        rate = min(1.0, (self.steps + 1) / WARMUP_STEPS) * (0.01 + 0.99 * (1 + math.cos(math.pi * fall)) / 2)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.args.lr * rate * group["rate"]

    def step(self, x):
        """One update on a batch; returns the numbers for the log."""
        self._set_rate()
        x = x.to(self.device, memory_format=torch.channels_last)
        quantiser_step = objective.random_step(*self.design.step_range)
        total, numbers = objective.loss(
            self.model, self.design.hadamard, self.prior, x, quantiser_step, self.args.msssim_weight
        )
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP_NORM)
        if torch.isfinite(norm):
            for optimizer in self.optimizers:
                optimizer.step()
        self.steps += 1
        self._average()
        return numbers | {"norm": norm.item()}

    @torch.no_grad()
    def _average(self):
        """Exponential moving average of the weights, quick at first: the weights that are exported."""
        decay = min(EMA_DECAY, (1 + self.steps) / (10 + self.steps))
        for k, v in self.model.state_dict().items():
            self.ema[k].lerp_(v, 1 - decay)

    def save(self):
        """Atomic: a reader or a crash never sees half a checkpoint."""
        state = {
            "design": self.design.as_dict(),
            "model": self.model.state_dict(),
            "ema": self.ema,
            "prior": self.prior.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "steps": self.steps,
            "seconds": self.seconds,
            "history": self.history,
            "arguments": {k: str(v) for k, v in vars(self.args).items() if k not in ("data", "run")},
        }
        path = self.args.run / "checkpoint.pt"
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def resume(self):
        """True if there was a checkpoint to go on from."""
        path = self.args.run / "checkpoint.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.prior.load_state_dict(state["prior"])
        self.ema = state["ema"]
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.steps, self.seconds, self.history = state["steps"], state["seconds"], state["history"]
        print(f"resumed at step {self.steps}, {self.seconds / 60:.1f} minutes")
        return True


def mean_of(rows):
    return {k: sum(r[k] for r in rows) / len(rows) for k in rows[0]}


def checkpoint(trainer, images, recent):
    """Validates the averaged weights, logs one line, saves."""
    averaged = Autoencoder(trainer.model.shape).to(trainer.device)
    averaged.load_state_dict(trainer.ema)
    row = {"step": trainer.steps, "minutes": round(trainer.seconds / 60, 2)}
    row |= {"train_" + k: round(v, 4) for k, v in mean_of(recent).items()} if recent else {}
    row |= {k: round(v, 4) for k, v in validate(averaged, trainer.design.hadamard, images).items()}
    trainer.history.append(row)
    trainer.save()
    print(json.dumps(row), flush=True)


def main():
    args = arguments()
    args.run.mkdir(parents=True, exist_ok=True)
    torch.set_flush_denormal(True)
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    trainer = Trainer(args)
    sampler = data.CropSampler(args.data, args.crop, args.seed)
    trainer.begin(sampler)
    sampler.seed(args.seed + trainer.steps)  # a resumed slice must not repeat its crops and its noise
    torch.manual_seed(args.seed + trainer.steps)
    images = data.validation_images(args.data)
    print(
        f"{trainer.device}, {trainer.model.macs_per_pixel()} MAC per pixel, {trainer.model.parameter_counts()}",
        flush=True,
    )

    stop = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.append(1))
    run(trainer, sampler, images, stop)


def run(trainer, sampler, images, stop):
    """Until the total or the slice is spent or a signal comes; only training counts as time, validation does not."""
    args, recent, begin = trainer.args, [], trainer.seconds
    saved = begin
    while not stop and trainer.progress < 1 and trainer.seconds - begin < 60 * args.slice:
        start = time.monotonic()
        recent.append(trainer.step(sampler.batch(args.batch)))
        trainer.seconds += time.monotonic() - start
        if trainer.seconds - saved > 60 * args.checkpoint_every:
            checkpoint(trainer, images, recent)
            saved, recent = trainer.seconds, []
    checkpoint(trainer, images, recent)


if __name__ == "__main__":
    main()
