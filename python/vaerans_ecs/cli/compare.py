"""vaerans eval: a file, or a picture, beside its original."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

import numpy as np

from .. import api
from .._vaerans import begins_as_vrs, measure
from ..errors import FileError, ShapeError
from ..metadata import file_metadata
from .files import source_of
from .pictures import as_plain_rgb, decoded_in_srgb, read_picture
from .said import MEANS, Report, UsageError, bpp
from .targets import STANDARD, inputs, is_picture, is_vrs, named

IN_JSON = {"psnr": "psnr_db"}  # where it has another name than measure() gives it


def compare(original: str, source: str, given: argparse.Namespace, report: Report) -> None:
    size, image = decoded(source, given)
    source_image = picture_in(source_of(original), given)
    require_same_size(source_image, image)
    found = measure(source_image, image)
    height, width = image.shape[:2]
    facts = facts_of(found)
    note(report, facts, size, height * width)
    text = f"{named(source)}  {size:,} bytes  {bpp(size, height * width)}  PSNR {found['psnr']:.2f} dB  "
    text += f"SSIM {found['ssim']:.4f}  MS-SSIM {found['ms_ssim']:.4f}{scales_of(found)}  "
    text += f"SSIMULACRA2 {found['ssimulacra2']:.1f}"
    said = {"original": original, "file": source, "width": width, "height": height, "bytes": size}
    report.line(text, {**said, "bpp": size * 8 / (height * width), **facts})


def require_same_size(original: np.ndarray, test: np.ndarray) -> None:
    if original.shape[:2] != test.shape[:2]:
        sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in (original, test)]
        raise ShapeError(f"the pictures differ in size: {sizes[0]} and {sizes[1]}")


def decoded(source: str, given: argparse.Namespace) -> tuple[int, np.ndarray]:
    """The bytes of a file and the picture in it, whether it is a .vrs file or not."""
    file = source_of(source)
    data = file.getvalue() if source == STANDARD else file.read_bytes()
    if is_vrs(source) or begins_as_vrs(data[:4]):
        image = api.decompress(data, device=given.device)
        icc = file_metadata(data).icc
        if given.convert or icc:
            image = np.asarray(decoded_in_srgb(image, icc, named(source), given.convert))
        return len(data), image
    return len(data), picture_in(file, given)


def picture_in(file: Any, given: argparse.Namespace) -> np.ndarray:
    return np.asarray(as_plain_rgb(file)) if given.convert else read_picture(file)


def scales_of(found: dict[str, Any]) -> str:
    """Below 176 pixels there are fewer scales than five, and the number means something else."""
    return f" ({found['ms_ssim_scales']} scales)" if 0 < found["ms_ssim_scales"] < 5 else ""


def facts_of(found: dict[str, Any]) -> dict[str, Any]:
    """What is measured, by the names that JSON has."""
    facts = {IN_JSON.get(name, name): value for name, value in found.items()}
    return {**facts, "identical": math.isinf(facts["psnr_db"])}


def note(report: Report, facts: dict[str, Any], size: int, pixels: int) -> None:
    """What the means are of: equal pictures have no PSNR, tiny ones no SSIM, MS-SSIM and SSIMULACRA2."""
    report.done(size, pixels)
    report.identical += facts["identical"]
    for name in MEANS:
        report.notes.setdefault(name, []).extend([facts[name]] if math.isfinite(facts[name]) else [])


class Originals:
    """The pictures of a folder, by the places of what was made of them."""

    def __init__(self, folder: str) -> None:
        if not Path(folder).is_dir():
            raise UsageError(f"with -r the originals are in a folder, and {folder} is none")
        self.folder = folder
        whole = argparse.Namespace(inputs=[folder], recursive=True, include=[], exclude=[])
        self.places = [one.place for one in inputs(whole, is_picture) if not one.problem]

    def of(self, place: str) -> str:
        stem = Path(place).with_suffix("")
        found = [p for p in self.places if Path(p).with_suffix("") == stem]
        if not found:
            raise FileError(f"there is no picture of this name in {self.folder} to compare with")
        if len(found) > 1 and place not in found:
            raise FileError(f"both {found[0]} and {found[1]} in {self.folder} could be its original")
        return str(Path(self.folder, place if place in found else found[0]))
