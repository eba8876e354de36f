#!/usr/bin/env python3
"""Trains the context coder's prior of a model and writes it into its folder as prior.bin.

    python -m training.prior.train --model photo-f8c4
    python -m training.prior.train --residual             # the one built in, src/coding/context/residual_prior.inc

For every channel and band it fits the weights with which known neighbours predict a coefficient's magnitude and mean,
by gradient descent on the code length under a mixture of two Laplacians; then it counts, with the weights rounded to
integers, what really occurs in each context class. Only the counts become code tables. The neighbours, the classes and
the file's format are defined in src/coding/context/band_context.hpp and src/coding/context/context_prior.hpp.

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

import torch

from training.autoencoder import data
from training.autoencoder.designs import DESIGNS
from training.prior.file import install, serialise, write_source
from training.prior.samples import SEED, Networks, latent_samples, residual_samples
from training.prior.tables import code_tables, zero_flags
from training.prior.weights import fit


def train(samples):
    """-> the bytes of a prior."""
    rows = {}
    for key in samples.keys:
        rows[key] = fit(samples, key)
        print(f"{time.process_time():.0f} s: {key}", flush=True)
    tables = code_tables(rows, samples)
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
        write_source(data.ROOT / "src" / "coding" / "context" / "residual_prior.inc", content)
    else:
        install(folder, content)
    print(f"{len(content)} bytes")


if __name__ == "__main__":
    main()
