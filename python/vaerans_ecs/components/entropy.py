"""Coded bytes, and tables of probabilities."""

from typing import Any

import numpy as np

from .._vaerans import StreamInfo, stream_info, stream_probabilities, write_file
from ._base import Component


class Bitstream(Component):
    """(n,) uint8: the payload. What else a decoder needs is in the trail's side information, and in to_file_bytes()."""

    __slots__ = ()

    @property
    def info(self) -> StreamInfo:
        """Tables and sizes. Raises ContractError if ANSEncode did not make the stream."""
        return stream_info(self)

    @property
    def n_symbols(self) -> int:
        """How many symbols were coded."""
        return self.info.n_symbols

    @property
    def words_u32(self) -> np.ndarray:
        """The payload as little-endian 32-bit words, read-only; a view where its bytes fill them, else a copy that ends
        in zeros."""
        data = self.array
        if len(data) % 4:
            data = np.concatenate([data, np.zeros(-len(data) % 4, np.uint8)])
            data.flags.writeable = False
        return data.view("<u4")

    @property
    def probs(self) -> list[np.ndarray]:
        """The probabilities that were coded with: probs[subband][symbol], from symbol 0 on, float64.

        Coder "context" gives every coefficient a distribution of its own; here is their mean over the subband, for
        which the stream is decoded. An empty list for coder "mixing", whose decisions are binary.
        """
        return stream_probabilities(self)

    def to_file_bytes(self) -> bytes:
        """The bytes of a .vrs file that holds this stream and all that decoding needs."""
        return write_file(self.world, self.entity, self.key)


class ANSBitstream(Bitstream):
    """The stream of ANSEncode."""

    __slots__ = ()
    key = "Bitstream"
    kind = "bitstream"


def histogram(symbols: Any, alphabet: int | None = None) -> np.ndarray:
    """How often each symbol from 0 on occurs."""
    return np.bincount(np.asarray(symbols).ravel(), minlength=alphabet or 0)


def probabilities(counts: Any) -> np.ndarray:
    """Counts as shares that add up to 1. ValueError where there are none."""
    counts = np.asarray(counts, np.float64)
    if not counts.sum() > 0:
        raise ValueError("no symbol was counted, so there are no probabilities")
    return counts / counts.sum()


def frequency_table(counts: Any, precision_bits: int = 12) -> np.ndarray:
    """Whole frequencies that add up to 2**precision_bits, at least 1 for every symbol that was counted: what an
    entropy coder of integers takes. The largest remainders are rounded up."""
    counts = np.asarray(counts, np.int64)
    total, present = 1 << precision_bits, counts > 0
    if not present.any() or present.sum() > total:
        raise ValueError(f"{int(present.sum())} symbols do not fit a table of {total}")
    exact = (total - present.sum()) * probabilities(counts)
    table = np.floor(exact).astype(np.int64) + present
    rest = np.argsort(-(exact - np.floor(exact)), kind="stable")[: total - table.sum()]
    table[rest] += 1
    return table


def entropy(probs: Any) -> float:
    """Bits for each symbol, on average, of a source with these probabilities or counts."""
    p = probabilities(probs)
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum()) + 0.0
