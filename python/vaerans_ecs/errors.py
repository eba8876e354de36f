"""Exceptions: each derives from VaeransError and from the builtin that fits.

`code` is the pinned name of what went wrong, `value` its pinned number; both are the same in C++ and on the command
line.
"""

import traceback
from collections.abc import Callable as _Callable
from pathlib import Path
from typing import ClassVar


class VaeransError(Exception):
    """What the library refuses or cannot do. `entity` and `step` are set where one entity of a batch failed."""

    code: ClassVar[str] = "internal"
    value: ClassVar[int] = 99
    entity: int | None = None
    step: str | None = None

    def __str__(self) -> str:
        # KeyError would show the repr of the message.
        return str(self.args[0]) if self.args else ""


class InvalidArgument(VaeransError, ValueError):
    """A parameter or an array is outside what the call accepts."""

    code, value = "invalid_argument", 1


class ShapeError(VaeransError, ValueError):
    """A tensor shape is empty, overflows or does not fit."""

    code, value = "shape", 2


class DTypeError(VaeransError, TypeError):
    """A tensor has the wrong element type."""

    code, value = "dtype", 3


class ArenaFull(VaeransError, MemoryError):
    """An allocation does not fit into the arena. `asked`, `left`, `capacity`: bytes, where they are known."""

    code, value = "arena_full", 10
    asked: int | None = None
    left: int | None = None
    capacity: int | None = None


class ForeignRef(VaeransError, ValueError):
    """A TensorRef of another arena was used."""

    code, value = "foreign_ref", 11


class StaleRef(VaeransError, RuntimeError):
    """A tensor was used after its memory was rewound, such as by World.reset()."""

    code, value = "stale_ref", 12


class UnknownEntity(VaeransError, KeyError):
    """An entity id is not alive in this world."""

    code, value = "unknown_entity", 20


class MissingComponent(VaeransError, KeyError):
    """An entity lacks the component that was asked for."""

    code, value = "missing_component", 21


class ContractError(VaeransError, TypeError):
    """A chain does not fit together."""

    code, value = "contract", 30


class UnknownSystem(VaeransError, LookupError):
    """A recipe or a file names a system that nobody registered."""

    code, value = "unknown_system", 31


class BadRecipe(VaeransError, ValueError):
    """A recipe cannot be parsed."""

    code, value = "bad_recipe", 32


class BadParameter(VaeransError, ValueError, TypeError):
    """A system does not know or cannot accept a parameter."""

    code, value = "bad_parameter", 33


class NonFinite(VaeransError, ArithmeticError):
    """NaN or infinity where a number is needed."""

    code, value = "non_finite", 34


class ModelNotFound(VaeransError, LookupError):
    """No model of that name is on the path."""

    code, value = "model_not_found", 40


class ModelInvalid(VaeransError, ValueError):
    """A model folder is incomplete or contradicts itself."""

    code, value = "model_invalid", 41


class ModelMismatch(VaeransError, ValueError):
    """A file was made with other weights than those found."""

    code, value = "model_mismatch", 42


class RuntimeNotFound(VaeransError, ImportError):
    """The ONNX Runtime library or a provider is missing."""

    code, value = "runtime_not_found", 43


class InferenceError(VaeransError, RuntimeError):
    """Running a model failed: ONNX Runtime reported an error, or a model's Python function raised one."""

    code, value = "inference", 44


class CorruptStream(VaeransError, ValueError):
    """Bytes that no encoder wrote."""

    code, value = "corrupt_stream", 50


class UnsupportedVersion(VaeransError, ValueError):
    """A file of a newer format."""

    code, value = "unsupported_version", 51


class LimitExceeded(VaeransError, ValueError):
    """A size is over the limits in force (see Limits)."""

    code, value = "limit_exceeded", 52


class BaseMismatch(VaeransError, ValueError):
    """The decoded base picture differs from the encoder's, so that the residual does not belong to it."""

    code, value = "base_mismatch", 53


class ImageUnreadable(VaeransError, OSError):
    """A picture file cannot be decoded."""

    code, value = "image_unreadable", 60


class ImageUnsupported(VaeransError, ValueError):
    """A picture of a kind that this call does not take: floats, empty, or grey, alpha, 16 bit where RGB is wanted."""

    code, value = "image_unsupported", 61


class FileError(VaeransError, OSError):
    """Reading or writing failed."""

    code, value = "io", 62


class OutputExists(VaeransError, FileExistsError):
    """An output exists and may not be overwritten."""

    code, value = "exists", 63


class InternalError(VaeransError, RuntimeError):
    """A bug in vaerans: please report it."""

    code, value = "internal", 99


CLASSES: dict[str, type[VaeransError]] = {
    cls.code: cls
    for cls in list(globals().values())
    if isinstance(cls, type) and issubclass(cls, VaeransError) and "code" in vars(cls) and cls is not VaeransError
}


# What Python knows more of errors with a code: a function from the library's message to a longer one.
_TOLD: dict[str, _Callable[[str], str]] = {}


def make(value: int, code: str, message: str) -> VaeransError:
    """The exception for an error of the library; called by the native module."""
    error = CLASSES.get(code, InternalError)(_TOLD[code](message) if code in _TOLD else message)
    if code not in CLASSES:
        error.__dict__.update(code=code, value=value)
    return error


def traceback_text(error: BaseException) -> str:
    """What Python would print, with the last line first: errors are often shown by their first line."""
    return f"{last_line(error)}\n{''.join(traceback.format_exception(error)).rstrip()}"


def last_line(error: BaseException) -> str:
    """'ValueError: too small (dct.py, line 12)': what a traceback ends with, and where it happened."""
    text = "".join(traceback.format_exception_only(error)).strip()
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return text + where
