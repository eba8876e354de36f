"""Wavelet coefficients, packed band after band, and the means to pack and unpack them."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .._vaerans import Subband
from ._base import Component

INDEX = np.dtype([("level", "u1"), ("band", "U2"), ("offset", "u8"), ("h", "u4"), ("w", "u4")])


class WaveletPyr(Component):
    """(C, h·w): in each channel LL of the coarsest level, then HL, LH, HH from coarse to fine.

    `bands` lists (channel, level, band, offset, h, w); `band(channel, level, 'HL')` is a read-only view of one.
    """

    __slots__ = ()
    key = "WaveletPyr"
    kind = "bands"

    @property
    def packed(self) -> np.ndarray:
        """The coefficients: (C, h·w), read-only, no copy."""
        return self.array

    @property
    def index(self) -> np.ndarray:
        """Where the bands lie in a channel: a structured array of level, band, offset, h, w, alike for all channels."""
        return index_of(self.subbands)

    @property
    def wavelet(self) -> str:
        """'cdf53' or 'haar'; '' where the coefficients were set by hand."""
        return self.trail[-1].system.partition("(")[0] if self.trail else ""

    @property
    def bands(self) -> list[Subband]:
        """The same as `subbands`."""
        return self.subbands

    @property
    def levels(self) -> int:
        """How many times the planes were split; 0 where they were too small."""
        return max((subband.level for subband in self.subbands), default=0)


def index_of(subbands: Iterable[Subband]) -> np.ndarray:
    """The subbands of the first channel as a structured array of level, band, offset, h, w."""
    rows = [(s.level, s.band, s.offset, s.h, s.w) for s in subbands if s.channel == 0]
    return np.array(rows, INDEX)


def band_shapes(height: int, width: int, levels: int) -> list[tuple[int, str, int, int]]:
    """(level, band, h, w) in the order in which bands are packed; the low half of an odd side is the larger one."""
    details = []
    for level in range(1, levels + 1):
        low_h, low_w = -(-height // 2), -(-width // 2)
        sizes = [("HL", low_h, width - low_w), ("LH", height - low_h, low_w), ("HH", height - low_h, width - low_w)]
        details.append([(level, band, h, w) for band, h, w in sizes])
        height, width = low_h, low_w
    packed = [(levels, "LL", height, width)]
    for of_level in reversed(details):
        packed += of_level
    return packed


def make_index(height: int, width: int, levels: int) -> np.ndarray:
    """The index of planes of this size: what `WaveletPyr.index` of them is."""
    rows, offset = [], 0
    for level, band, h, w in band_shapes(height, width, levels):
        rows.append((level, band, offset, h, w))
        offset += h * w
    return np.array(rows, INDEX)


def band_views(packed: np.ndarray, index: np.ndarray) -> dict[tuple[int, str], np.ndarray]:
    """(level, band) → a view (…, h, w) of `packed` (…, n): writable where that is, no copy."""
    packed = np.asarray(packed)
    views = {}
    for level, band, offset, h, w in index.tolist():
        views[level, band] = packed[..., offset : offset + h * w].reshape(*packed.shape[:-1], h, w)
    return views


def unpack(packed: Any, index: np.ndarray | None = None) -> dict[tuple[int, str], np.ndarray]:
    """The bands of a WaveletPyr, or of an array with its index, as arrays of their own: {(level, band): (C, h, w)}."""
    index = packed.index if index is None else index
    return {place: view.copy() for place, view in band_views(packed, index).items()}


def pack(bands: Mapping[tuple[int, str], np.ndarray], index: np.ndarray | None = None) -> np.ndarray:
    """The reverse of unpack(): (C, n). Without an index, bands go in the order of the mapping. ValueError where a band
    is missing or has another size."""
    arrays = {place: np.asarray(band) for place, band in bands.items()}
    if index is None:
        return np.concatenate([band.reshape(*band.shape[:-2], -1) for band in arrays.values()], axis=-1)
    first = next(iter(arrays.values()))
    packed = np.empty((*first.shape[:-2], int((index["h"].astype(np.int64) * index["w"]).sum())), first.dtype)
    for place, view in band_views(packed, index).items():
        if place not in arrays or arrays[place].shape != view.shape:
            found = arrays[place].shape if place in arrays else "nothing"
            raise ValueError(f"band {place} is {view.shape}, but there is {found}")
        view[...] = arrays[place]
    return packed
