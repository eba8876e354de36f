#!/usr/bin/env python3
"""Rate and distortion of a checkpoint on a folder of pictures, with true rounding.

    python -m training.autoencoder.evaluate --images ../shared/kodak

Rates are zero-order empirical entropies per (channel, band) of each picture: what a coder with ideal tables would need,
without tables and headers. PSNR is on 8-bit RGB, MS-SSIM on luma, both averaged over pictures.
"""

import argparse
from contextlib import contextmanager
from pathlib import Path

import torch

from training.autoencoder import chain, data, ssimulacra2
from training.autoencoder.designs import DESIGNS, Design
from training.autoencoder.metrics import ms_ssim, psnr_8bit, rgb, to_8bit
from training.autoencoder.model import FACTOR, Autoencoder, ResBlock

STEPS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
VALIDATION_STEPS = (1.0, 4.0)
LOGGED = {"psnr_db": "psnr", "ms_ssim": "ms", "ssimulacra2": "ss2", "bpp_entropy": "bpp"}  # by these names
SILENT = 1e-3  # a unit that is positive in a smaller part of every picture is dead weight


def load_checkpoint(path):
    """-> (model with the averaged weights in evaluation mode, its design, the whole checkpoint)."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    design = Design.from_dict(state["design"])
    model = Autoencoder(design.shape)
    model.load_state_dict(state["ema"])
    return model.eval().requires_grad_(False), design, state


def pad_to_factor(x):
    """Edge replication up to multiples of the factor, as the codec pads."""
    height, width = x.shape[-2:]
    return torch.nn.functional.pad(x, (0, -width % FACTOR, 0, -height % FACTOR), mode="replicate")


def entropy_bits(symbols):
    """Zero-order entropy of one plane of integers times its size."""
    _, counts = symbols.flatten().unique(return_counts=True)
    return -(counts * (counts / counts.sum()).log2()).sum().item()


def quantise(bands, step):
    """-> (bands rounded to multiples of the step, bits)."""
    symbols = {k: torch.round(y / step) for k, y in bands.items()}
    bits = sum(entropy_bits(plane) for y in symbols.values() for plane in y[0] if plane.numel())
    return {k: y * step for k, y in symbols.items()}, bits


def compare(x, y):
    """Four metrics of one picture and its reconstruction, cropped to the picture."""
    y = y[..., : x.shape[-2], : x.shape[-1]].clamp(-1, 1)
    score = ssimulacra2.score(ssimulacra2.damage(x, to_8bit(y) / 127.5 - 1))
    structure = {"ms_ssim": ms_ssim(x, y).item(), "ms_ssim_rgb": ms_ssim(x, y, rgb).item()}
    return {"psnr_db": psnr_8bit(x, y).item()} | structure | {"ssimulacra2": score.item()}


@torch.no_grad()
def measure(model, hadamard, x, steps):
    """One picture (1,3,H,W): {None: unquantised, step: {...,'bpp_entropy'}}."""
    latent = model.encoder(pad_to_factor(x))
    results = {None: compare(x, model.decoder(latent))}
    bands = chain.analyse(latent, hadamard)
    for step in steps:
        rounded, bits = quantise(bands, step)
        y = model.decoder(chain.synthesise(rounded, hadamard))
        results[step] = compare(x, y) | {"bpp_entropy": bits / (x.shape[-2] * x.shape[-1])}
    return results


def average(results):
    """The mean over pictures of each number of `measure`."""
    return {step: {k: sum(r[step][k] for r in results) / len(results) for k in results[0][step]} for step in results[0]}


@contextmanager
def watched_units(model):
    """Yields a dict that holds for every residual block that ran how often each of its inner units was positive: the
    share of places in the picture where that was largest."""
    busiest = {}

    def note(layer, _, output):
        share = (output > 0).float().mean((0, 2, 3))
        busiest[layer] = torch.maximum(busiest.get(layer, share), share)

    hooks = [m.first.register_forward_hook(note) for m in model.modules() if isinstance(m, ResBlock)]
    try:
        yield busiest
    finally:
        for hook in hooks:
            hook.remove()


def validate(model, hadamard, images):
    """Few numbers for the training log, on the device where the model is."""
    device = next(model.parameters()).device
    with watched_units(model) as busiest:
        mean = average([measure(model, hadamard, x.to(device), VALIDATION_STEPS) for x in images])
    silent = torch.cat(list(busiest.values())) < SILENT
    numbers = {"psnr": mean[None]["psnr_db"], "silent": silent.float().mean().item()}
    for step in VALIDATION_STEPS:
        numbers |= {f"{LOGGED[k]}@{step:g}": v for k, v in mean[step].items() if k in LOGGED}
    return numbers


def evaluate_folder(model, hadamard, folder, steps=STEPS):
    """Mean results over all pictures of a folder."""
    return average([measure(model, hadamard, data.to_tensor(data.load(p)), steps) for p in data.photo_paths(folder)])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", choices=DESIGNS, default="photo-f8c4")
    p.add_argument("--checkpoint", type=Path, help="default: training/runs/<model>/checkpoint.pt")
    p.add_argument("--images", type=Path, default=data.ROOT.parent / "shared" / "kodak")
    p.add_argument("--steps", type=float, nargs="+", default=STEPS)
    args = p.parse_args()
    args.checkpoint = args.checkpoint or data.RUNS / args.model / "checkpoint.pt"
    model, design, state = load_checkpoint(args.checkpoint)
    print(f"step {state['steps']}, {state['seconds'] / 60:.1f} minutes; {args.images}")
    print("    step    bpp  PSNR dB  MS-SSIM   of RGB  SSIMULACRA2")
    for step, r in evaluate_folder(model, design.hadamard, args.images, args.steps).items():
        values = f"{r['psnr_db']:8.3f} {r['ms_ssim']:8.5f} {r['ms_ssim_rgb']:8.5f} {r['ssimulacra2']:12.2f}"
        print(f"{step or 'none':>8} {r.get('bpp_entropy', 0):6.4f} {values}")


if __name__ == "__main__":
    main()
