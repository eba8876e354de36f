"""Wavelet coefficients, packed band after band."""

from .._vaerans import Section
from ._base import Component


class WaveletPyr(Component):
    """(C, h·w): in each channel LL of the coarsest level, then HL, LH, HH from coarse to fine.

    `bands` lists (channel, level, band, offset, h, w); `band(channel, level, 'HL')` is a read-only view of one.
    """

    key = "WaveletPyr"
    kind = "bands"

    @property
    def bands(self) -> list[Section]:
        """The same as `sections`."""
        return self.sections

    @property
    def levels(self) -> int:
        """How many times the planes were split; 0 where they were too small."""
        return max((section.level for section in self.sections), default=0)
