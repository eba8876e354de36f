"""All that training on another machine needs beside the tracked files: the folder training/gpu/carry (ignored by git).

    python -m training.gpu.pack --start models/photo-f8c32     # photos, and the networks to begin with
    python -m training.gpu.pack --resume FOLDER                # before a next slice: what the last one handed back

The training photos travel as they are, 23 MB in all: reduced ones would be packed with loss once more, and teach that.
Of the held-out ones go the middles at half size, without loss.
"""

import argparse
import io
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from training.autoencoder import data
from training.autoencoder.designs import DESIGNS
from training.autoencoder.model import Autoencoder
from training.autoencoder.origin import origin
from training.autoencoder.trainer import read_start
from training.gpu import slices

CARRY = data.ROOT / "training" / "gpu" / "carry"
PHOTOS, START = "photos.zip", "start.pt"
TRAINED, HELD_OUT = "training/", "held_out/"


def lossless_webp(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()


def pack_photos(folder, target):
    """One zip file with the training photos and the held-out pictures of a folder."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as file:
        for path in data.training_paths(folder):
            file.write(path, TRAINED + path.name)
        for i, x in enumerate(data.validation_images(folder)):
            pixels = ((x[0].permute(1, 2, 0) + 1) * 127.5).round().numpy().astype(np.uint8)
            file.writestr(f"{HELD_OUT}{i}.webp", lossless_webp(pixels))


def _pictures(file, folder):
    names = sorted(name for name in file.namelist() if name.startswith(folder))
    contents = [file.read(name) for name in names]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda content: data.load(io.BytesIO(content)), contents))


def unpack(path, size, device):
    """-> (CropSampler on the device, validation images as `data.validation_images` gives them)."""
    with zipfile.ZipFile(path) as file:
        photos, held_out = (_pictures(file, folder) for folder in (TRAINED, HELD_OUT))
    return data.CropSampler(photos, size, device), [data.to_tensor(x) for x in held_out]


def pack_start(design, source, target):
    """The networks to begin with, as a checkpoint: the other machine may have no package that reads ONNX files."""
    model = Autoencoder(design.shape)
    read_start(model, source)
    begun = origin(source)["started_from"]
    weights = {name: weight.half() for name, weight in model.state_dict().items()}  # as the shipped files hold them
    state = {"design": design.as_dict(), "ema": weights, "steps": 0, "seconds": 0.0, "origin": begun}
    torch.save(state, target)


def resume(carry, folder):
    """Takes a slice's checkpoint along instead of the networks to begin with."""
    if slices.read(folder) is None:
        raise SystemExit(f"{folder} holds no checkpoint")
    (carry / START).unlink(missing_ok=True)
    for name in slices.names(folder):
        shutil.copyfile(folder / name, carry / name)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", choices=DESIGNS, default="photo-f8c32")
    p.add_argument("--data", type=Path, default=data.DEFAULT_PHOTOS, help="folder of photos")
    p.add_argument("--start", type=Path, help="begin with the networks of this model's folder, or checkpoint")
    p.add_argument("--resume", type=Path, metavar="FOLDER", help="go on from the checkpoint that came back")
    p.add_argument("--carry", type=Path, default=CARRY, help="the folder to fill; default: training/gpu/carry")
    args = p.parse_args()
    args.carry.mkdir(parents=True, exist_ok=True)
    if args.resume:
        resume(args.carry, args.resume)
    else:
        for old in args.carry.iterdir():
            old.unlink()
        if args.start:
            pack_start(DESIGNS[args.model], args.start, args.carry / START)
    if not (args.carry / PHOTOS).exists():
        pack_photos(args.data, args.carry / PHOTOS)
    for path in sorted(args.carry.iterdir()):
        print(f"{path.stat().st_size / 2**20:6.1f} MiB  {path.name}")


if __name__ == "__main__":
    main()
