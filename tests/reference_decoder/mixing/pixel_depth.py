"""What the mixing coder does by the depth of samples (docs/format_mixing.md, "Deep samples")."""

from ..numbers import ByteReader, FormatError
from .mixing_tables import cdf, clamp, middle, sharpness


class EightBits:
    """Samples of eight bits."""

    deep = False
    bits, top, coarse, most_miss, power_floor, last_energy, least_scale = 8, 255, 0, 4095, 64, 63, 16

    def weight_classes(self, octaves: list[int]) -> list[int]:
        return octaves[:5]

    def floor(self, value: int) -> int:
        return 8 * value

    def sharpness(self, scale_class: int) -> int:
        return sharpness(scale_class)

    def below(self, away: int, sharp: int) -> int:
        return cdf(clamp(clamp(away, -8191, 8191) * sharp >> 8, -3072, 3072))


class DeepBits:
    """Samples of nine to sixteen bits."""

    deep = True
    most_miss, last_energy = (1 << 20) - 1, 95

    def __init__(self, bits: int):
        self.bits, self.top, self.coarse = bits, (1 << bits) - 1, max(0, bits - 12)
        self.power_floor = 64 << 2 * (min(bits, 12) - 8)
        self.least_scale = 16 >> self.coarse

    def weight_classes(self, octaves: list[int]) -> list[int]:
        excess = max(0, min(octaves[:5]) - 40)
        return [o - excess for o in octaves[:5]]

    def floor(self, value: int) -> int:
        return 8 * value >> (self.bits - 8)

    def sharpness(self, scale_class: int) -> int:
        return max(1, (5814539 * 16 << 10) // middle(max(32, scale_class + 8 * self.coarse)))

    def below(self, away: int, sharp: int) -> int:
        farthest = (3072 << 18) // sharp + 1
        exact = clamp(clamp(away, -farthest, farthest) * sharp, -(3072 << 18), (3072 << 18) - 1)
        place, part = exact >> 18, (exact & ((1 << 18) - 1)) >> 10
        return cdf(place) + ((cdf(place + 1) - cdf(place)) * part >> 8)


def read_levels(reader: ByteReader) -> list[int]:
    levels, following = [], 0
    for _ in range(reader.varint()):
        levels.append(following + reader.varint())
        following = levels[-1] + 1
    if not levels or levels[-1] > 65535:
        raise FormatError("ans side information (mixing): no levels, or one of more than 16 bits")
    return levels
