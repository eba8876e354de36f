"""Coded bytes."""

import numpy as np

from .._vaerans import StreamInfo, stream_info, write_file
from ._base import Component


class Bitstream(Component):
    """(n,) uint8: the payload. What else a decoder needs is in the trail's side information, and in to_file_bytes()."""

    @property
    def info(self) -> StreamInfo:
        """Tables and sizes. Raises ContractError if ANSEncode did not make the stream."""
        return stream_info(self)

    @property
    def n_symbols(self) -> int:
        """How many symbols were coded."""
        return self.info.n_symbols

    @property
    def probs(self) -> list[np.ndarray]:
        """The coded probabilities: probs[subband][symbol], from symbol 0 on.

        float32 for coder "static"; float64 for "constriction", as its Categorical takes them; an empty list for others.
        """
        return self.info.probs

    def to_file_bytes(self) -> bytes:
        """The bytes of a .vrs file that holds this stream and all that decoding needs."""
        return write_file(self.world, self.entity, self.key)


class ANSBitstream(Bitstream):
    """The stream of ANSEncode."""

    key = "Bitstream"
    kind = "bitstream"
