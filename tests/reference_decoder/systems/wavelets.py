"""The inverse wavelets (docs/format.md, "Wavelets"). A line is a list of numbers; a line of lines is a plane."""

from collections.abc import Callable

from ..arithmetic import Float32, Numbers
from .subbands import HH, HL, LH, LL, Subband, halved

Line = list
Plane = list[Line]

ROOT_OF_2 = 1.41421353816986083984375  # binary32: 3FB504F3
ROOT_OF_HALF = 0.707106769084930419921875  # binary32: 3F3504F3, 1 / ROOT_OF_2 rounded


class Cdf53:
    @staticmethod
    def predict(left: Line, right: Line, numbers: Numbers) -> Line:
        if numbers.exact:
            return [(a + b) // 2 for a, b in zip(left, right, strict=True)]
        return numbers.store(0.5 * s for s in numbers.store(a + b for a, b in zip(left, right, strict=True)))

    @staticmethod
    def update(before: Line, after: Line, numbers: Numbers) -> Line:
        if numbers.exact:
            return [(a + b + 2) // 4 for a, b in zip(before, after, strict=True)]
        return numbers.store(0.25 * s for s in numbers.store(a + b for a, b in zip(before, after, strict=True)))

    @staticmethod
    def update_last(before: Line, numbers: Numbers) -> Line:
        """For an even line behind the last odd one."""
        return Cdf53.update(before, before, numbers)


class Haar:
    @staticmethod
    def predict(left: Line, right: Line, numbers: Numbers) -> Line:
        return left

    @staticmethod
    def update(before: Line, after: Line, numbers: Numbers) -> Line:
        return [a // 2 for a in after] if numbers.exact else numbers.store(0.5 * a for a in after)

    @staticmethod
    def update_last(before: Line, numbers: Numbers) -> Line:
        return [0] * len(before)


class Cdf97:
    """Other than the two above, it has four steps; `undo` takes them back."""

    STEPS = Float32.store([0.443506852, 0.882911075, -0.052980118, -1.586134342])  # on even, odd, even, odd lines
    LOW, HIGH, LOW_2, HIGH_2 = Float32.store([1.149604398, 0.869864452, 1.321590271, 0.756664164])

    @staticmethod
    def undo(low: Plane, high: Plane) -> Plane:
        out: Plane = [[]] * (len(low) + len(high))
        out[::2], out[1::2] = low, high
        for parity, step in zip((0, 1, 0, 1), Cdf97.STEPS, strict=True):
            for i in range(parity, len(out), 2):
                beside = out[i - 1] if i > 0 else out[1], out[i + 1] if i + 1 < len(out) else out[i - 1]
                sums = Float32.store(a + b for a, b in zip(*beside, strict=True))
                out[i] = combined(out[i], Float32.store(step * s for s in sums), Float32, lambda a, b: a - b)
        return out

    @staticmethod
    def gains(height: int, width: int) -> dict[int, float]:
        if height == 1:
            return {LL: Cdf97.HIGH, HL: Cdf97.LOW, LH: 1, HH: 1}
        if width == 1:
            return {LL: Cdf97.HIGH, HL: 1, LH: Cdf97.LOW, HH: 1}
        return {LL: Cdf97.HIGH_2, HL: 1, LH: 1, HH: Cdf97.LOW_2}


Wavelet = type[Cdf53] | type[Haar] | type[Cdf97]


def combined(a: Line, b: Line, numbers: Numbers, operation: Callable) -> Line:
    return numbers.store(operation(x, y) for x, y in zip(a, b, strict=True))


def join(low: Plane, high: Plane, wavelet: Wavelet, numbers: Numbers) -> Plane:
    """One dimension: lines of low and of high samples to the lines that they were made from."""
    if not high:
        return low
    if wavelet is Cdf97:
        return Cdf97.undo(low, high)
    out: Plane = [[]] * (len(low) + len(high))
    for i, line in enumerate(low):
        before = high[max(i - 1, 0)]
        update = wavelet.update(before, high[i], numbers) if i < len(high) else wavelet.update_last(before, numbers)
        out[2 * i] = combined(line, update, numbers, lambda a, b: a - b)
    for i, line in enumerate(high):
        left = out[2 * i]
        right = out[2 * i + 2] if 2 * i + 2 < len(out) else left
        out[2 * i + 1] = combined(line, wavelet.predict(left, right, numbers), numbers, lambda a, b: a + b)
    return out


def transposed(plane: Plane) -> Plane:
    return [list(line) for line in zip(*plane, strict=True)]


def gains(height: int, width: int) -> dict[int, float]:
    """What the subbands of a level, which makes height x width samples, are multiplied by."""
    if height == 1:
        return {LL: ROOT_OF_HALF, HL: ROOT_OF_2, LH: 1, HH: 1}
    if width == 1:
        return {LL: ROOT_OF_HALF, HL: 1, LH: ROOT_OF_2, HH: 1}
    return {LL: 0.5, HL: 1, LH: 1, HH: 2}


def inverse_level(of: dict[int, Plane], height: int, width: int, wavelet: Wavelet, numbers: Numbers) -> Plane:
    """The four subbands of a level to the plane that they were made from: rows first, then columns."""
    if not numbers.exact:
        gain = wavelet.gains(height, width) if wavelet is Cdf97 else gains(height, width)
        of = {o: [numbers.store(gain[o] * v for v in line) for line in plane] for o, plane in of.items()}
    low, high = (
        transposed(join(transposed(of[left]), transposed(of[right]), wavelet, numbers)) if of[left] or of[right] else []
        for left, right in ((LL, HL), (LH, HH))
    )
    return join(low, high, wavelet, numbers)


def plane_of(values: list, subband: Subband) -> Plane:
    part = values[subband.places]
    return [part[y * subband.width : (y + 1) * subband.width] for y in range(subband.height)]


def inverse(values: list, subbands: list[Subband], shape: tuple, wavelet: Wavelet, numbers: Numbers) -> list:
    """All channels, one after the other: packed subbands to planes, row by row."""
    channels, height, width = shape
    levels = subbands[0].level
    out = []
    for channel in range(channels):
        of = {(s.level, s.orientation): plane_of(values, s) for s in subbands if s.channel == channel}
        plane = of[levels, LL]
        for level in range(levels, 0, -1):
            parts = {LL: plane} | {o: of[level, o] for o in (HL, LH, HH)}
            plane = inverse_level(parts, halved(height, level - 1), halved(width, level - 1), wavelet, numbers)
        out += [v for line in plane for v in line]
    return out
