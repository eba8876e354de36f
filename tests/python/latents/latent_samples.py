"""Latents and small stores for the tests."""

import numpy as np
from vaerans_ecs import LatentStore


def latent(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape or (4, 8, 10)).astype(np.float16)


def fill(folder, n=6, **options):
    with LatentStore.writer(folder, model="tiny", model_hash="m1", **options) as writer:
        for i in range(n):
            writer.add(f"item {i}", latent(i), source_hash=f"s{i}")
    return folder


def only_shard(folder):
    (path,) = folder.glob("*.vls")
    return path


def relative(a, b):
    return np.sqrt(np.mean((a.astype(np.float32) - b) ** 2))
