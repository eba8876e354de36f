"""Autoencoders of diffusers as the two ONNX graphs that run here.

Needs the extra `export` (torch, diffusers, onnx). The encoder gives the parameters of the posterior (mean and
log-variance), so that nothing random is in the graph; batch, height and width are free.
"""

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OPSET = 17
TOLERANCE = 1e-3  # share of the largest value: float32 sums in another order

MISSING = (
    "exporting needs torch, diffusers and onnx: pip install 'vaerans-ecs[export]' "
    "(and pip install torch --index-url https://download.pytorch.org/whl/cpu for a small torch)"
)


def _import() -> tuple[Any, Any]:
    try:
        import diffusers
        import torch

        importlib.import_module("onnx")  # torch's exporter needs it
    except ImportError as error:
        raise ImportError(f"{MISSING}; {error}") from error
    return torch, diffusers


def load_autoencoder(source: str, *, subfolder: str | None = None, revision: str | None = None) -> Any:
    """The autoencoder in a folder or repository, in float32. Without a subfolder, `vae/` is looked into as well."""
    torch, diffusers = _import()
    problem: Exception | None = None
    for place in [subfolder] if subfolder is not None else [None, "vae"]:
        where = {"subfolder": place or "", "revision": revision}
        try:
            config = diffusers.AutoencoderKL.load_config(source, **where)
        except OSError as error:
            problem = problem or error
            continue
        cls = getattr(diffusers, config.get("_class_name", ""), None)
        if cls is None or not hasattr(cls, "encode"):
            continue  # a configuration of something else, such as a whole pipeline
        return cls.from_pretrained(source, torch_dtype=torch.float32, **where).eval().requires_grad_(False)
    raise ValueError(f"{source}: no autoencoder of diffusers there (config.json, or vae/config.json)") from problem


def _modules(vae: Any) -> dict[str, tuple[Any, str, str]]:
    """encoder and decoder: module, name of the input, name of the output."""
    torch, _ = _import()
    first = vae.encode(torch.zeros(1, 3, 64, 64))
    posterior = hasattr(first, "latent_dist")
    field = next((name for name in ("latents", "latent") if hasattr(first, name)), None)
    if not posterior and field is None:
        raise ValueError(f"{type(vae).__name__}.encode gives neither a posterior nor latents")

    class Encoder(torch.nn.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.vae = vae

        def forward(self, sample: Any) -> Any:
            encoded = self.vae.encode(sample)
            return encoded.latent_dist.parameters if posterior else getattr(encoded, field or "")

    class Decoder(torch.nn.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.vae = vae

        def forward(self, latent_sample: Any) -> Any:
            return self.vae.decode(latent_sample).sample

    return {
        "encoder": (Encoder(), "sample", "latent_parameters" if posterior else "latent_sample"),
        "decoder": (Decoder(), "latent_sample", "sample"),
    }


@contextmanager
def _plain_attention(vae: Any) -> Iterator[None]:
    """Attention by products and softmax, which all versions of the exporter know, while exporting."""
    before = getattr(vae, "attn_processors", None)
    if before:
        from diffusers.models.attention_processor import AttnProcessor

        vae.set_attn_processor(AttnProcessor())
    try:
        yield
    finally:
        if before:
            vae.set_attn_processor(before)


def _write(module: Any, example: Any, names: tuple[str, str], path: Path) -> None:
    torch, _ = _import()
    import warnings

    axes = {0: "batch", 2: "height", 3: "width"}
    outputs = {0: "batch", 2: "out_height", 3: "out_width"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on shapes that are Python numbers while tracing; _compare sees to them
        torch.onnx.export(
            module,
            (example,),
            str(path),
            input_names=[names[0]],
            output_names=[names[1]],
            dynamic_axes={names[0]: axes, names[1]: outputs},
            opset_version=OPSET,
            dynamo=False,
        )


def _compare(module: Any, example: Any, names: tuple[str, str], path: Path) -> None:
    """The graph must give what the module gives, on a shape that it was not traced with."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = session.run([names[1]], {names[0]: example.numpy()})
    wanted = module(example).numpy()
    error = abs(found - wanted).max() / max(abs(wanted).max(), 1e-6) if found.shape == wanted.shape else float("inf")
    if not error < TOLERANCE:
        raise RuntimeError(
            f"{path}: the exported graph gives {found.shape} where torch gives {wanted.shape}, or other "
            f"values (relative error {error:.2g}); this version of torch does not export the model faithfully"
        )


def export_autoencoder(vae: Any, folder: str | Path) -> Path:
    """Writes encoder.onnx, decoder.onnx and config.json. Equal weights give equal bytes."""
    torch, _ = _import()
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if any(p.dtype != torch.float32 or p.device.type != "cpu" for p in vae.parameters()):
        vae = vae.to("cpu", torch.float32)
    vae.eval()
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad(), _plain_attention(vae):
        channels = vae.config.latent_channels
        modules = _modules(vae)
        factor = 64 // modules["encoder"][0](torch.zeros(1, 3, 64, 64)).shape[-1]
        for part, (module, source, target) in modules.items():
            first, unit = (3, factor) if part == "encoder" else (channels, 1)
            path = folder / f"{part}.onnx"
            _write(module, torch.rand(1, first, 8 * unit, 8 * unit, generator=draw), (source, target), path)
            _compare(module, torch.rand(2, first, 5 * unit, 9 * unit, generator=draw), (source, target), path)
    config = {key: value for key, value in sorted(vae.config.items()) if not key.startswith("_")}
    config["_class_name"] = type(vae).__name__
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return folder
