"""Trains a small flow-matching model on the same latents from stores of different errors, and compares the results.

    python -m training.latents.check --photos PHOTOS --work FOLDER [--steps 600] [--items 1024] [--result FILE]

All runs have the same first weights, batches, noise and times; only what the latents lost differs. A further run from
float16 with another seed shows how much chance alone moves the figures. Everything is compared on float16 latents of
photos that no run has seen. Needs PyTorch. The latents are kept in the folder as well, so a second call is quicker.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from vaerans_ecs.latents.torch import LatentLoader

from .data import STORES, kept, photos, write_stores
from .network import Velocity

MODEL = "photo-f8c4"
HELD_OUT_ITEMS, SAMPLES, SAMPLING_STEPS = 128, 128, 20
AVERAGED = 0.02  # how much of the new weights the averaged ones take at each step
RUNS = [(name, 0) for name in STORES] + [("fp16", 1)]


class Run:
    """One training."""

    def __init__(self, store: str, seed: int, mean: torch.Tensor, spread: torch.Tensor, batch: int) -> None:
        torch.manual_seed(seed)
        self.network = Velocity(mean.shape[1])
        self.average = Velocity(mean.shape[1])
        self.average.load_state_dict(self.network.state_dict())
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=1e-3, weight_decay=0.01)
        self.loader = LatentLoader(store, batch, seed=seed, drop_last=True)
        self.random = torch.Generator().manual_seed(seed)
        self.mean, self.spread = mean, spread

    def train(self, steps: int, held_out: torch.Tensor, every: int) -> list[dict[str, float]]:
        """The losses along the way: mean over the last steps, and on what is held out."""
        curve, recent = [], []
        done = 0
        while done < steps:
            for batch in self.loader:
                recent.append(self.step((batch["latent"].float() - self.mean) / self.spread, done / steps))
                done += 1
                if done % every == 0 or done == steps:
                    point = {"step": done, "train": float(np.mean(recent)), "held out": self.loss(held_out)}
                    curve.append(point)
                    recent = []
                    print(json.dumps(point), flush=True)
                if done == steps:
                    break
        return curve

    def step(self, latent: torch.Tensor, progress: float) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = 1e-3 * min(1, 20 * progress + 0.05) * (1 - 0.9 * progress)
        loss = matching_loss(self.network, latent, self.random)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        with torch.no_grad():
            for kept, new in zip(self.average.parameters(), self.network.parameters(), strict=True):
                kept.lerp_(new, AVERAGED)
        return loss.item()

    @torch.no_grad()
    def loss(self, latent: torch.Tensor) -> float:
        """Over eight draws of noise and time, the same for all runs."""
        random = torch.Generator().manual_seed(1234)
        return float(np.mean([matching_loss(self.average, latent, random).item() for _ in range(8)]))

    @torch.no_grad()
    def samples(self, count: int) -> torch.Tensor:
        """Latents, scaled as those it learnt from; the same noise for all runs."""
        x = torch.randn((count, self.mean.shape[1], *self.shape), generator=torch.Generator().manual_seed(99))
        for i in range(SAMPLING_STEPS):
            t = torch.full((count,), (i + 0.5) / SAMPLING_STEPS)
            x = x + self.average(x, t) / SAMPLING_STEPS
        return x

    shape = (16, 16)


def matching_loss(network: Velocity, latent: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Mean squared error of the velocity along the line from noise to latent (Lipman et al. 2022, arXiv:2210.02747)."""
    noise = torch.randn(latent.shape, generator=random)
    t = torch.rand(len(latent), generator=random)
    at = t[:, None, None, None]
    return torch.mean((network((1 - at) * noise + at * latent, t) - (latent - noise)) ** 2)


def distance(a: np.ndarray, b: np.ndarray, directions: int = 512) -> float:
    """Sliced Wasserstein distance of two sets of latents, as vectors over random directions."""
    random = np.random.default_rng(7)
    n = min(len(a), len(b))
    a, b = a[:n].reshape(n, -1), b[:n].reshape(n, -1)
    lines = random.standard_normal((directions, a.shape[1])).astype(np.float32)
    lines /= np.linalg.norm(lines, axis=1, keepdims=True)
    return float(np.sqrt(np.mean((np.sort(a @ lines.T, 0) - np.sort(b @ lines.T, 0)) ** 2)))


def statistics(samples: np.ndarray, held_out: np.ndarray, fp16: np.ndarray | None) -> dict[str, float]:
    """Deviation of samples and of their neighbours' differences, and how far they lie from others."""
    found = {
        "deviation": float(samples.std()),
        "difference": float(np.diff(samples, axis=-1).std()),
        "to held out": distance(samples, held_out),
    }
    if fp16 is not None:
        found["to fp16's"] = float(np.sqrt(np.mean((samples - fp16) ** 2)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for the stores, which are kept")
    parser.add_argument("--items", type=int, default=1024)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--result", type=Path, help="JSON of all runs")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    given.work.mkdir(parents=True, exist_ok=True)
    train, held = photos(given.photos)
    arrays = kept(given.work / "train.npy", train, given.items, MODEL, 1)
    stores = write_stores(given.work, arrays, MODEL)
    mean = torch.from_numpy(arrays.astype(np.float32).mean((0, 2, 3), keepdims=True))
    spread = torch.from_numpy(arrays.astype(np.float32).std((0, 2, 3), keepdims=True))
    held_out = (
        torch.from_numpy(kept(given.work / "held out.npy", held, HELD_OUT_ITEMS, MODEL, 2)).float() - mean
    ) / spread
    results, first = [], None
    for name, seed in RUNS:
        print(f"== {name}, seed {seed}", flush=True)
        began = time.process_time()
        run = Run(stores[name]["path"], seed, mean, spread, given.batch)
        curve = run.train(given.steps, held_out, max(1, given.steps // 8))
        samples = run.samples(SAMPLES).numpy()
        first = samples if first is None else first
        found = {"store": name, "seed": seed, "bits": stores[name]["bits"], "error": stores[name]["error"]}
        found |= {"curve": curve, "samples": statistics(samples, held_out.numpy(), first)}
        found["seconds"] = round(time.process_time() - began)
        results.append(found)
        if given.result:
            options = {k: getattr(given, k) for k in ("items", "steps", "batch")}
            data = {"floor": distance(arrays_of(arrays, mean, spread), held_out.numpy()), **options, "runs": results}
            given.result.write_text(json.dumps(data, indent=1) + "\n")


def arrays_of(arrays: np.ndarray, mean: torch.Tensor, spread: torch.Tensor) -> np.ndarray:
    """Latents to train with, scaled."""
    return (arrays.astype(np.float32) - mean.numpy()) / spread.numpy()


if __name__ == "__main__":
    main()
