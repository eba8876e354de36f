"""Wavelet coefficients, packed band after band."""

from .._vaerans import Subband
from ._base import Component


class WaveletPyr(Component):
    """(C, h·w): in each channel LL of the coarsest level, then HL, LH, HH from coarse to fine.

    `bands` lists (channel, level, band, offset, h, w); `band(channel, level, 'HL')` is a read-only view of one.
    """

    key = "WaveletPyr"
    kind = "bands"

    @property
    def bands(self) -> list[Subband]:
        """The same as `subbands`."""
        return self.subbands

    @property
    def levels(self) -> int:
        """How many times the planes were split; 0 where they were too small."""
        return max((subband.level for subband in self.subbands), default=0)
