"""The tables of the mixing coder, and its functions of one number (docs/format_mixing.md, "Tables")."""


def clamp(value: int, low: int, high: int) -> int:
    return min(max(value, low), high)


def quotient(a: int, b: int) -> int:
    """a / b, rounded towards zero."""
    return abs(a) // b if a >= 0 else -(abs(a) // b)


def exponentials(n: int) -> list[int]:
    out = [1 << 32]
    while len(out) < n:
        out.append((out[-1] * 4278222805 + (1 << 31)) >> 32)
    return out


EXP = exponentials(3073)


def share(i: int, n: int) -> int:
    return (EXP[i] * n + ((1 << 32) + EXP[i]) // 2) // ((1 << 32) + EXP[i])


CDF_BELOW = [share(i, 1 << 23) for i in range(3073)]
SQUASH_BELOW = [max(1, share(i, 1 << 16)) for i in range(3072)]


def cdf(t: int) -> int:
    return CDF_BELOW[-t] if t <= 0 else (1 << 23) - CDF_BELOW[t]


def squash(logit: int) -> int:
    return SQUASH_BELOW[-logit] if logit <= 0 else (1 << 16) - SQUASH_BELOW[logit]


def stretches() -> list[int]:
    lower, logit = [], -3071
    for j in range(2048):
        while squash(logit) < 16 * j + 8:
            logit += 1
        lower.append(logit)
    return lower + [-t for t in reversed(lower)]


STRETCH = stretches()


def leading(v: int, bits: int) -> tuple[int, int]:
    """⌊log₂ v⌋ and the `bits` bits after the leading one."""
    octave = v.bit_length() - 1
    return octave, ((v << bits) >> octave) & ((1 << bits) - 1)


def octave_class(v: int, each: int) -> int:
    if v <= 0:
        return 0
    octave, eighths = leading(v, 3)
    return octave * each + (eighths * each >> 3) + 1


def eighth_octave(v: int) -> int:
    if v <= 0:
        return 0
    octave, eighths = leading(v, 3)
    return 8 * octave + eighths


def middle(i: int) -> int:
    return (17 + 2 * (i % 8)) << (i // 8)


def blend_weight(i: int) -> int:
    return clamp(((1 << 20) // (middle(i) + 128)) ** 4 >> 28, 1, 1 << 20)


def sharpness(i: int) -> int:
    return min(131071, 16 * 5814539 // middle(i))


def eighth(v: int) -> int:
    return clamp(v, -3, 4) + 3


def logarithm(x: int) -> int:
    octave, t = leading(x, 12)
    return ((4096 * octave + t + ((t * (4096 - t) >> 12) * 1420 >> 12)) * 177) >> 12
