"""diffusers: what AutoencoderKL gives, as items of a store.

with LatentStore.writer("store", **writer_options(vae)) as writer:
    output = vae.encode(pixels)
    for key, arrays in zip(keys, items_of(output), strict=True):
        writer.add(key, arrays)
"""

from __future__ import annotations

import hashlib
from typing import Any

from ..._values import flag
from ...errors import InvalidArgument

MEAN, LOG_VARIANCE = "latent", "log_variance"  # LatentStore.sample() knows them by these names


def items_of(output: Any, *, log_variance: bool = False, **options: Any) -> list[dict[str, Any]]:
    """The arrays of each picture in a batch: the distribution's mean, and its log-variance if wanted.

    output: AutoencoderKLOutput, a distribution with `mean` and `logvar`, or a tensor (N, C, h, w). Latents are neither
    shifted nor scaled: the writer's options say how a training does that. options: a target for log-variances, which
    are noise's and may be coarse; rmse=0.1 unless said otherwise.
    """
    given = getattr(output, "latent_dist", output)
    given = getattr(given, "latents", given) if not hasattr(given, "mean") or callable(given.mean) else given
    if hasattr(given, "logvar"):
        mean, variances = given.mean, given.logvar
    else:
        mean, variances = getattr(given, "latent", given), None
    wanted = flag("log_variance", log_variance)
    if wanted and variances is None:
        raise InvalidArgument("these latents come without a distribution: there is no log-variance")
    if getattr(mean, "ndim", 0) < 3:
        raise InvalidArgument("latents of shape (N, C, h, w) are needed, or what AutoencoderKL.encode() gives")
    items = [{MEAN: latent} for latent in mean]
    if wanted:
        for item, variance in zip(items, variances, strict=True):
            item[LOG_VARIANCE] = (variance, options or {"rmse": 0.1})
    return items


def writer_options(vae: Any) -> dict[str, Any]:
    """model, model_hash, scaling and shift of a diffusers model, for LatentStore.writer()."""
    config = vae.config
    return {
        "model": str(getattr(config, "_name_or_path", "") or type(vae).__name__),
        "model_hash": hash_of_weights(vae),
        "scaling": float(getattr(config, "scaling_factor", None) or 1),
        "shift": float(getattr(config, "shift_factor", None) or 0),
    }


def hash_of_weights(module: Any) -> str:
    """SHA-256 over the names, types and values of a PyTorch module's weights: the same for the same weights."""
    import torch

    digest = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        values = tensor.detach().cpu().contiguous()
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}\n".encode())
        digest.update(values.reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()
