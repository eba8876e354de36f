"""The systems, and what a reader refuses of a chain before it decodes (docs/format.md, "Chains").

A parameter has one type and a range; a system takes items of some kinds and makes one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from .numbers import FormatError

VAE, HADAMARD, CDF53, HAAR, QUANTIZE_U8, QUANTIZE, ANS, RCT, KLT, PREDICT = 1, 3, 5, 7, 9, 10, 12, 23, 25, 40
YCOCG, CDF97, QUANTIZE_BANDS, RESTORE = 41, 42, 43, 44
IMAGE, DIFFERENCE, PLANES, BANDS, SYMBOLS, PAYLOAD = "image", "difference", "planes", "bands", "symbols", "payload"
MOST_STEPS, MOST_PARAMETERS, MOST_WIRE_ID = 16, 64, 65535
TILES = (0, 256, 512, 1024, 2048, 4096)

Value = bool | int | float | str


@dataclass(frozen=True)
class Parameter:
    """A whole number may stand for one with a point. What is no number is in no range."""

    type: type
    fits: Callable[[Value], bool] = lambda value: True

    def allows(self, value: Value) -> bool:
        kind = type(value)
        return (kind is self.type or (self.type is float and kind is int)) and self.fits(value)


FLAG, NAME = Parameter(bool), Parameter(str)
LEVELS = Parameter(int, lambda n: 0 <= n <= 32)
STEP = Parameter(float, lambda x: 0 < x <= 1e9)


@dataclass(frozen=True)
class System:
    """`takes` are kinds of items. `without_side_info`: a reader refuses any."""

    name: str
    takes: tuple[str, ...]
    makes: str
    parameters: dict[int, Parameter] = field(default_factory=dict)
    without_side_info: bool = False


SYSTEMS = {
    VAE: System("vae", (IMAGE,), PLANES, {1: NAME}),
    HADAMARD: System("hadamard4", (PLANES,), PLANES),
    CDF53: System("cdf53", (PLANES,), BANDS, {1: LEVELS}),
    HAAR: System("haar", (PLANES,), BANDS, {1: LEVELS}),
    QUANTIZE_U8: System("quantize_u8", (PLANES, BANDS), SYMBOLS, {1: FLAG}),
    QUANTIZE: System(
        "quantize",
        (PLANES, BANDS),
        SYMBOLS,
        {
            1: STEP,
            2: Parameter(int, lambda n: n == 0 or 2 <= n <= 16),
            3: Parameter(float, lambda x: 0.5 <= x < 1),
        },
    ),
    ANS: System("ans", (SYMBOLS,), PAYLOAD),
    RCT: System("rct", (DIFFERENCE,), PLANES),
    KLT: System("klt", (PLANES,), PLANES),
    PREDICT: System("predict", (IMAGE,), SYMBOLS, {1: Parameter(int, lambda n: 0 <= n <= 100)}, True),
    YCOCG: System("ycocg", (IMAGE,), PLANES, {}, True),
    CDF97: System("cdf97", (PLANES,), BANDS, {1: LEVELS}),
    QUANTIZE_BANDS: System(
        "quantize_bands",
        (BANDS,),
        SYMBOLS,
        {
            1: STEP,
            2: Parameter(float, lambda x: 0.1 <= x <= 10),
            3: FLAG,
            4: FLAG,
            5: Parameter(int, lambda n: n in TILES),
        },
    ),
    RESTORE: System("restore", (PLANES,), PLANES, {1: Parameter(int, lambda n: 0 <= n <= 80), 2: FLAG}, True),
}
BY_NAME = {system.name: number for number, system in SYSTEMS.items()}


def check_parameter(system: int | str, key: int | str, value: Value, given: dict):
    """`given` are those before it."""
    known = SYSTEMS[system].parameters if system in SYSTEMS else {key: Parameter(type(value))}
    if key in given:
        raise FormatError(f"parameter {key} of system {system} is given twice")
    if key not in known:
        raise FormatError(f"system {system} has no parameter {key}")
    if not known[key].allows(value):
        raise FormatError(f"parameter {key} of system {system} is a {type(value).__name__}, or out of its range")


def check_taken(system: int | str, side_info: bytes, kind: str, shape: tuple[int, int, int], exact: bool):
    """Whether a step may follow one that makes such an item; `exact`: of i16."""
    if system not in SYSTEMS:
        raise FormatError(f"a step of the unknown system {system}")
    rule = SYSTEMS[system]
    if kind not in rule.takes:
        raise FormatError(f"{rule.name} cannot follow on {kind}")
    if rule.without_side_info and side_info:
        raise FormatError(f"{rule.name} has no side information, but some is there")
    if exact and system in (HADAMARD, KLT, CDF97, RESTORE, QUANTIZE_U8, QUANTIZE_BANDS):
        raise FormatError(f"{rule.name} takes f32")
    channels = shape[0]
    if (
        (system == HADAMARD and channels & (channels - 1))
        or (system == KLT and channels > 64)
        or (system in (RESTORE, QUANTIZE_BANDS) and channels not in (1, 3))
    ):
        raise FormatError(f"{rule.name} of {channels} channels")
