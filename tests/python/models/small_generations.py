"""Small generations of a model, made on the spot."""

import hashlib
import json
from pathlib import Path

from ..conftest import block_weights, save_graph

NAME = "twin"


def write_generation(folder: Path, revision: str, gain: float, name: str = NAME, encoder: bool = True) -> str:
    """A model in `folder` whose latents mean nothing to one of another gain. Returns its hash."""
    folder.mkdir(parents=True)
    decode = 64 / gain * block_weights()
    decode[3] = 0
    save_graph(folder / "encoder.onnx", "Conv", gain * block_weights(), 3, 4)
    save_graph(folder / "decoder.onnx", "ConvTranspose", decode, 4, 3)
    hashes = {
        half: hashlib.sha256((folder / f"{half}.onnx").read_bytes()).hexdigest() for half in ("encoder", "decoder")
    }
    card = {
        "format": 1,
        "name": name,
        "revision": revision,
        "latent_channels": 4,
        "factor": 8,
        "pixel_range": [-1, 1],
        "latent_std": gain / 2,
        "default_recipe": f"vae({name}) | cdf53(levels=2) | quantize(step={gain / 50}) | ans",
    }
    card |= {half: {"file": f"{half}.onnx", "sha256": hash} for half, hash in hashes.items()}
    (folder / "model.json").write_text(json.dumps(card))
    if not encoder:
        (folder / "encoder.onnx").unlink()
    return hashes["decoder"]
