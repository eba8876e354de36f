"""Arrays as the library takes them: contiguous, with the name of their numbers' type.

NumPy has no bfloat16. Such numbers come from PyTorch or as an array of `ml_dtypes.bfloat16`, and travel as 16-bit
integers in between.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._values import whole
from ..errors import DTypeError, ShapeError

_NAMES = {"float32": "f32", "float16": "f16", "bfloat16": "bf16", "f32": "f32", "f16": "f16", "bf16": "bf16"}
_CARRIERS = {"f32": np.float32, "f16": np.float16, "bf16": np.uint16}


@dataclass(frozen=True, eq=False)
class Numbers:
    """An array and the type of its numbers, for those that NumPy has no type of: bfloat16 as 16-bit integers."""

    values: np.ndarray
    kind: str


def type_of(dtype: Any) -> str:
    """'f32', 'f16' or 'bf16' of a name, a NumPy type or one of PyTorch."""
    named = getattr(dtype, "name", None) or getattr(dtype, "__name__", str(dtype))
    name = dtype if isinstance(dtype, str) else str(named)
    found = _NAMES.get(name.removeprefix("torch."))
    if found is None:
        raise DTypeError(f"numbers of type {name}: float32, float16 and bfloat16 can be stored")
    return found


def is_tensor(array: Any) -> bool:
    """Whether it is PyTorch's, which is not imported for the question."""
    return type(array).__module__.partition(".")[0] == "torch"


def carried(array: Any) -> tuple[np.ndarray, str]:
    """The array as the library takes it, and the type of its numbers."""
    if isinstance(array, Numbers):
        return np.ascontiguousarray(array.values), array.kind
    if is_tensor(array):
        array = array.detach().cpu().contiguous()
        kind = type_of(array.dtype)
        return (array.view(sys.modules["torch"].int16) if kind == "bf16" else array).numpy(), kind
    array = _array(array)
    kind = type_of(array.dtype)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return (array.view(np.uint16) if kind == "bf16" else array), kind


def _array(array: Any) -> np.ndarray:
    """NumPy's, contiguous; its axes stay."""
    try:
        return np.ascontiguousarray(array) if np.ndim(array) else np.asarray(array)
    except (TypeError, ValueError) as error:
        raise DTypeError(f"no array can be made of this {type(array).__name__}: {error}") from error


def axis_of(axis: int | None, axes: int) -> int:
    """A channel axis that may count from the end, counted from the front; None: the last of two, else the first."""
    axis = whole("channel_axis", axis)
    if axis is None:
        return 1 if axes == 2 else 0
    found = axis + axes if axis < 0 else axis
    if not 0 <= found < max(axes, 1):
        raise ShapeError(f"channel axis {axis} of an array of {axes} axes")
    return found


def room(shape: tuple[int, ...], kind: str) -> np.ndarray:
    """An array that the library may fill."""
    return np.empty(shape, _CARRIERS[kind])


def released(array: np.ndarray, kind: str) -> np.ndarray:
    """What the library filled, with its own type; bfloat16 where the package ml_dtypes has it."""
    if kind != "bf16":
        return array
    if importlib.util.find_spec("ml_dtypes") is None:
        raise DTypeError("NumPy has no bfloat16: ask for dtype='f32' or 'f16', or install ml_dtypes")
    import ml_dtypes

    return array.view(ml_dtypes.bfloat16)


def converted(array: np.ndarray, kind: str) -> np.ndarray:
    """Floats as another type."""
    if kind == "bf16":
        bits = array.view(np.uint32)
        rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16  # to the nearest, ties to even
        return released(rounded.astype(np.uint16), kind)
    return array.astype(_CARRIERS[kind], copy=False)
