"""Autoencoders of diffusers as models, run by PyTorch as they are. torch is imported when it is needed."""

import hashlib
from typing import Any

from ..errors import BadParameter
from .callables import CallableVAE

PROBE = 64  # side of the picture from which channels and factor are read off


def from_diffusers(
    vae: Any, name: str | None = None, *, version: str | bytes | None = None, replace: bool = False
) -> CallableVAE:
    """Registers an autoencoder of diffusers (AutoencoderKL, AutoencoderTiny, …) under `name`.

    >>> vae = AutoencoderKL.from_pretrained("stabilityai/sdxl-vae").to("cuda")
    >>> data = compress(picture, model=from_diffusers(vae, "sdxl-torch"))

    It runs where it is, in the precision that it has; planes are moved there and back. Scaling and shift, also
    those of each channel, are those of its config. `name`: by default the last part of where it was loaded from.
    `version` identifies the weights in files; by default it is the SHA-256 of the decoder's, so that other weights or
    another precision are refused. Efforts above 5 follow its slopes.
    Raises ImportError without torch; BadParameter for what is no autoencoder, and as CallableVAE does.
    """
    torch = _torch()
    config = getattr(vae, "config", None)
    if config is None or not hasattr(vae, "encode") or not hasattr(vae, "decode"):
        raise BadParameter(f"{type(vae).__name__} is no autoencoder of diffusers: it lacks config, encode or decode")
    encode, decode, vjp, moments = _functions(torch, vae)
    given = encode(torch.zeros(1, 3, PROBE, PROBE).numpy())
    factor, channels = PROBE // given.shape[-1], given.shape[1] // (2 if moments else 1)
    return CallableVAE(
        encode,
        decode,
        name=name or _name(vae),
        channels=channels,
        factor=factor,
        scaling_factor=_number(config, "scaling_factor", 1.0),
        shift_factor=_number(config, "shift_factor", 0.0),
        latents_mean=_numbers(config, "latents_mean"),
        latents_std=_numbers(config, "latents_std"),
        moments=moments,
        version=weights_version(vae) if version is None else version,
        vjp=vjp,
        replace=replace,
    )


def weights_version(vae: Any) -> str:
    """SHA-256 over names, types, shapes and values of all weights but the encoder's."""
    digest = hashlib.sha256()
    for key, value in sorted(vae.state_dict().items()):
        if key.startswith(("encoder.", "quant_conv.")):
            continue
        tensor = value.detach().cpu().contiguous()
        digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.flatten().view(_torch().uint8).numpy())
    return digest.hexdigest()


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise ImportError("from_diffusers needs PyTorch: pip install torch diffusers") from error
    return torch


def _name(vae: Any) -> str:
    source = str(getattr(vae, "name_or_path", "") or getattr(vae.config, "_name_or_path", ""))
    last = source.rstrip("/").rpartition("/")[2]
    return last or type(vae).__name__.lower()


def _number(config: Any, field: str, fallback: float) -> Any:
    value = getattr(config, field, None)
    return fallback if value is None else value.item() if hasattr(value, "item") else value


def _numbers(config: Any, field: str) -> Any:
    """Empty where the config has none; newer VAEs scale each channel."""
    value = getattr(config, field, None)
    return () if value is None else value


def _functions(torch: Any, vae: Any) -> tuple[Any, Any, Any, bool]:
    """encode, decode and its vjp on NumPy arrays, and whether encode gives means and log-variances."""

    def load(planes: Any) -> Any:
        weight = next(vae.parameters())
        return torch.from_numpy(planes).to(weight.device, weight.dtype)

    def run_encoder(planes: Any) -> Any:
        with torch.inference_mode():
            return vae.encode(load(planes))

    def field_of(encoded: Any) -> str | None:
        return next((field for field in ("latent_dist", "latents", "latent") if hasattr(encoded, field)), None)

    field = field_of(run_encoder(torch.zeros(1, 3, PROBE, PROBE).numpy()))
    if field is None:
        raise BadParameter(f"{type(vae).__name__}.encode gives neither a posterior nor latents")
    moments = field == "latent_dist"

    def encode(planes: Any) -> Any:
        encoded = getattr(run_encoder(planes), field)
        return (encoded.parameters if moments else encoded).float().cpu().numpy()

    def decode(latents: Any) -> Any:
        with torch.inference_mode():
            return vae.decode(load(latents)).sample.float().cpu().numpy()

    def vjp(latents: Any, slopes: Any) -> Any:
        with torch.enable_grad():
            at = load(latents).requires_grad_(True)
            (found,) = torch.autograd.grad(vae.decode(at).sample, at, load(slopes))
        return found.float().cpu().numpy()

    return encode, decode, vjp, moments
