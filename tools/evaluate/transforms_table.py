"""What a transform of the channels is worth for each model: bytes at equal PSNR, without one, with Hadamard, with KLT.

    python tools/evaluate/transforms_table.py [--photos ../shared/photos]

Photos are the held-out ones of training/autoencoder/data.py, their centres at half size. Writes the table between the
markers <!-- transforms:begin --> and <!-- transforms:end --> of docs/models.md. Bytes are of whole files.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import vaerans_ecs as vaerans
from PIL import Image
from table import insert
from vaerans_ecs.systems import OnnxVAEDecode, OnnxVAEEncode

ROOT = Path(__file__).resolve().parents[2]
# As HELD_OUT and validation_images() in training/autoencoder/data.py, which needs PyTorch.
HELD_OUT = ("budgie-perched-osprey", "budgie-lake-sherburne", "budgie-roman-colosseum", "pop-tony-webster-97532")
HEIGHT, WIDTH = 512, 768
TRANSFORMS = {"none": "", "Hadamard": "hadamard4 | ", "KLT": "klt | "}
CODERS = {"smallest coder": "auto", "static coder": "static"}
ANCHORS = (90, 75, 50)  # qualities of the chain without a transform whose PSNR the others are brought to
QUALITIES = (100, 90, 82, 75, 65, 50, 38, 25)


def photos(folder: Path) -> list[np.ndarray]:
    out = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.stem not in HELD_OUT:
            continue
        image = Image.open(path).convert("RGB")
        half = np.asarray(image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS))
        top, left = (half.shape[0] - HEIGHT) // 2, (half.shape[1] - WIDTH) // 2
        out.append(np.ascontiguousarray(half[top : top + HEIGHT, left : left + WIDTH]))
    return out


class Chain:
    """The photos' latents by one model, and what a transform and a step make of them."""

    def __init__(self, pictures: list[np.ndarray], model: str) -> None:
        self.pictures, self.model = pictures, model
        self.std = vaerans.find_model(model).latent_std
        self.world = vaerans.World(2 << 30)
        self.ids = self.world.spawn_batch_rgb(pictures)
        self.world.pipe(self.ids).to(OnnxVAEEncode(model))

    def point(self, transform: str, quality: float) -> dict[str, float]:
        """Mean PSNR, and for each coder the mean bytes of a file."""
        step = vaerans.step_of_quality(quality, self.std)
        recipe = f"{transform}cdf53(levels=4) | quantize(step={step})"
        out = {}
        for coder in CODERS.values():
            chain = vaerans.Pipeline(f"{recipe} | ans(coder={coder})")
            pipe = self.world.pipe(self.ids).select("Latent4") | chain
            out[coder] = float(np.mean([len(vaerans.write_file(self.world, e)) for e in self.ids]))
        latents = self.world.pipe(self.ids).select("Bitstream") | chain.inverse()
        out["psnr"] = self.psnr(latents.to(OnnxVAEDecode(self.model)).out("ReconRGB"))
        del pipe
        self.world.pipe(self.ids).select("RGB").to(OnnxVAEEncode(self.model))  # decoding took the latents' place
        return out

    def psnr(self, decoded: list) -> float:
        errors = [np.mean((a.astype(float) - np.asarray(b)) ** 2) for a, b in zip(self.pictures, decoded, strict=True)]
        return float(np.mean(10 * np.log10(255**2 / np.array(errors))))


def bytes_at(points: list[dict[str, float]], coder: str, psnr: float) -> float:
    """Linear in the logarithm of the size; NaN where the curve does not reach."""
    order = np.argsort([p["psnr"] for p in points])
    x, y = (np.array([p[key] for p in points])[order] for key in ("psnr", coder))
    return float(np.exp(np.interp(psnr, x, np.log(y), left=np.nan, right=np.nan)))


def cell(value: float, plain: float) -> str:
    return "–" if np.isnan(value) else f"{value:.0f} ({100 * (value / plain - 1):+.1f} %)"


def rows(pictures: list[np.ndarray], model: str) -> list[str]:
    chain = Chain(pictures, model)
    curves = {name: [chain.point(text, q) for q in QUALITIES] for name, text in TRANSFORMS.items()}
    lines = []
    for anchor in ANCHORS:
        psnr = curves["none"][QUALITIES.index(anchor)]["psnr"]
        cells = [f"`{model}`", f"{psnr:.2f}"]
        for coder in CODERS.values():
            plain = bytes_at(curves["none"], coder, psnr)
            cells.append(f"{plain:.0f}")
            cells += [cell(bytes_at(curves[name], coder, psnr), plain) for name in TRANSFORMS if name != "none"]
        lines.append("| " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=Path, default=ROOT.parent / "shared" / "photos")
    parser.add_argument("--models", nargs="+", default=["photo-f8c4", "photo-f8c32"])
    options = parser.parse_args()
    pictures = photos(options.photos)
    if not pictures:
        print(f"skipped: no held-out photos in {options.photos} (give the folder with --photos)")
        return 0
    head = ["model", "PSNR / dB", *(f"{name}, {coder}" for coder in CODERS for name in TRANSFORMS)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for model in options.models:
        lines += rows(pictures, model)
    if insert(ROOT / "docs" / "models.md", "\n".join(lines), "transforms"):
        print("written into docs/models.md")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
