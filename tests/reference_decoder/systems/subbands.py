"""Where the subbands of a wavelet lie among an item's coefficients (docs/format.md, "Subbands")."""

from dataclasses import dataclass

LL, HL, LH, HH = range(4)


@dataclass(frozen=True)
class Subband:
    """A contiguous run of a channel's coefficients: `height` rows of `width`, from `offset` on."""

    channel: int
    level: int
    orientation: int
    offset: int
    height: int
    width: int

    @property
    def size(self) -> int:
        return self.height * self.width

    @property
    def places(self) -> slice:
        return slice(self.offset, self.offset + self.size)


def halved(n: int, level: int) -> int:
    """Samples that are left of n after `level` levels: ⌈n / 2^level⌉."""
    return -(-n >> level) if level else n


def wavelet_levels(height: int, width: int, asked: int) -> int:
    """Levels that a plane gets: one more while it has at least two samples in a direction."""
    levels = 0
    while levels < asked and max(halved(height, levels), halved(width, levels)) >= 2:
        levels += 1
    return levels


def wavelet_sizes(height: int, width: int, levels: int) -> list[tuple[int, int, int, int]]:
    """(level, orientation, height, width) of one channel's subbands, in order."""
    levels = wavelet_levels(height, width, levels)
    sizes = [(levels, LL, halved(height, levels), halved(width, levels))]
    for level in range(levels, 0, -1):
        low_h, low_w = halved(height, level), halved(width, level)
        high_h, high_w = halved(height, level - 1) // 2, halved(width, level - 1) // 2
        sizes += [(level, HL, low_h, high_w), (level, LH, high_h, low_w), (level, HH, high_h, high_w)]
    return sizes


def wavelet_subbands(channels: int, height: int, width: int, levels: int) -> list[Subband]:
    subbands, offset = [], 0
    for channel in range(channels):
        for level, orientation, h, w in wavelet_sizes(height, width, levels):
            subbands.append(Subband(channel, level, orientation, offset, h, w))
            offset += h * w
    return subbands


def plain_subbands(channels: int, height: int, width: int) -> list[Subband]:
    """Without a wavelet each channel is one subband."""
    return [Subband(c, 0, LL, c * height * width, height, width) for c in range(channels)]
