"""Systems of the topic quantize: Dequantize, DequantizeBands, Quantize, QuantizeBands, QuantizeU8."""

# Written by tools/generate/systems.py from the descriptors in src/systems: change those.

from ._base import InverseOf, NativeSystem


class Dequantize(NativeSystem, entry="Dequantize"):
    """Undoes either quantiser: SymbolsU8 → the coefficients, of the type that it was given."""

    def __init__(self) -> None:
        super().__init__()


class DequantizeBands(NativeSystem, entry="DequantizeBands"):
    """Undoes QuantizeBands: SymbolsU8 → WaveletPyr float32."""

    def __init__(self) -> None:
        super().__init__()


class Quantize(NativeSystem, entry="Quantize"):
    """Uniform quantiser for rate–distortion work: planes or bands of float32, int16, int32 → SymbolsU8 and QuantParams.

    Whole numbers pass unchanged with step = 1. Rate–distortion optimisation (`rdo`): an index goes one nearer to zero
    where that lowers (error/step)² + rdo · bits under the costs of the context coder; it needs wavelet bands of a model
    with a context prior, and rounds without one. Raises NonFinite, which names the band; LimitExceeded for a step so
    small that it needs too many symbols; BadParameter for a broken step with whole numbers.

    Args:
        step: Size of a step, the same in all subbands; whole for whole numbers. Above 0 and at most 1000000000.
        bits: Affine over each subband's range, with 2^bits levels; 0: use the step. 0 or 2 to 16.
        deadzone: What is smaller, in steps, becomes 0; 0.5 is plain rounding. At least 0.5 and below 1.
        rdo: Weight of a bit against the squared error in steps; 0: plain rounding; 0.1 is a good start. 0 to 10.
    """

    inverse = InverseOf(Dequantize)
    dequantize = InverseOf(Dequantize)

    def __init__(self, step: float = 1.0, bits: int = 0, deadzone: float = 0.5, rdo: float = 0.0) -> None:
        super().__init__(step=step, bits=bits, deadzone=deadzone, rdo=rdo)


class QuantizeBands(NativeSystem, entry="QuantizeBands"):
    """Quantiser of wavelet pictures: WaveletPyr float32 of three planes, or of the one of grey → SymbolsU8.

    The step is divided by the length of each band's basis functions (of the 9/7), so that an error of one step is the
    same in the picture wherever it is made. Each index is the one with the least (error/step)² + rdo · bits, at the
    bits that ANSEncode with the coder mixing would take for it there; values are restored at the mean of what was
    quantised to 1, to 2, and to more, for luma and for chroma. With visual, steps are those that look best instead of
    those that measure best in PSNR: coarser for fine details and for chroma, and where the picture is busy, by a map of
    cells of 16 × 16 pixels in the file. With dependent, two quantisers take turns as the indices before say (trellis-
    coded quantisation), and the cheapest path through them is looked for: some 4 % fewer bytes for the same errors.
    With tile, the bands of one transform of the whole picture are told apart by place, so that there are no seams, and
    parts of a picture decode alone. Symbols are the zigzag of signed indices. Raises NonFinite, which names the band;
    LimitExceeded for a step too small.

    Args:
        step: Size of a step, in RGB levels after ycocg. Above 0 and at most 1000000000.
        chroma: The steps of the second and third plane, times this. 0.1 to 10.
        rdo: Weight of a bit against the squared error in steps; 0: the nearest index. 0 to 10.
        visual: Steps by what is seen.
        masking: Visual: half octaves of step for each octave by which a place's variance is above the mean. 0 to 2.
        dependent: Two quantisers in turn, as earlier indices say.
        tile: Side in pixels, a power of two from 256 on, of tiles that are chosen, coded and decoded alone, on several
            threads; 0: the picture is one. 0 to 4096.
        effort: Below 3 a dead zone takes the place of rdo, unless dependent, which takes two thirds of the time; from 6
            on dependent indices are chosen twice. 1 to 9.
    """

    inverse = InverseOf(DequantizeBands)

    def __init__(
        self,
        step: float = 10.0,
        chroma: float = 1.0,
        rdo: float = 0.07,
        visual: bool = False,
        masking: float = 0.5,
        dependent: bool = False,
        tile: int = 0,
        effort: int = 5,
    ) -> None:
        super().__init__(
            step=step,
            chroma=chroma,
            rdo=rdo,
            visual=visual,
            masking=masking,
            dependent=dependent,
            tile=tile,
            effort=effort,
        )


class QuantizeU8(NativeSystem, entry="QuantizeU8"):
    """8-bit affine quantiser: float32 planes or bands → SymbolsU8 and QuantParams.

    Raises NonFinite, which names the band.

    Args:
        per_band: A scale and a zero for each channel and band; else one pair for the whole item.
    """

    inverse = InverseOf(Dequantize)
    dequantize = InverseOf(Dequantize)

    def __init__(self, per_band: bool = True) -> None:
        super().__init__(per_band=per_band)
