"""Palettes of PNGs that are compressed without loss go along, and the pictures come back in them, as by the program."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from .. import _vaerans, api
from ..core.context import Context
from ..pictures import as_own_kind, open_image
from ..pictures.png import Palette, in_palette, numbers_in, read_palette
from .pictures import as_plain_rgb


def with_own_palette(data: bytes, source: Any, given: argparse.Namespace, context: Context) -> bytes:
    """The .vrs file with the palette of its source, where that has one and the pixels are still of its colours.

    Rates that are searched for leave no room for it.
    """
    regular = isinstance(source, Path) and source.is_file()
    if not regular or given.strip or given.bpp or given.target_bytes or not api.file_info(data, context).lossless:
        return data
    palette = read_palette(source)
    if palette is None:
        return data
    image = as_plain_rgb(source) if given.convert else as_own_kind(open_image(source, keep=True))
    if numbers_in(palette, np.asarray(image)) is None:  # its gamma is applied, or alpha laid over white
        return data
    return _vaerans.with_palette(data, palette.colors.tobytes(), palette.with_alpha, palette.bits, context)


def in_own_palette(image: np.ndarray, data: bytes, options: dict[str, Any]) -> bytes | None:
    """A PNG in the palette that the .vrs file keeps; None where there is none, or it does not hold the picture."""
    found = _vaerans.file_palette(data)
    if found is None:
        return None
    colors, with_alpha, bits = found
    return in_palette(image, Palette(np.frombuffer(colors, np.uint8).reshape(-1, 4), with_alpha, bits), options)
