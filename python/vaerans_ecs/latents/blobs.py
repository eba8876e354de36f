"""One array as bytes, and back: what every container can carry."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _vaerans
from .._vaerans import BlobInfo, Limits
from .._values import bytes_of, flag, given_number
from ..errors import BadParameter, InvalidArgument
from ._numbers import axis_of, carried, released, room, type_of

__all__ = ["BlobInfo", "blob_info", "decode_blob", "encode_blob"]


def encode_blob(
    array: Any,
    *,
    channel_axis: int | None = None,
    rmse: float | None = None,
    bits: float | None = None,
    step: float | None = None,
    max_error: float | None = None,
    lossless: bool = False,
    trellis: bool = True,
) -> bytes:
    """An array of float32, float16 or bfloat16 (NumPy or PyTorch) as a blob, within one target; without any, rmse=0.02.

    rmse: error relative to the standard deviation of each channel. bits: size, for each number. step: the quantiser's.
    max_error: of a number. lossless: every bit of float16 and bfloat16. The error that was reached is in the blob.
    channel_axis: the axis whose indices have a mean and a spread each; None: the last of two axes, else the first.
    trellis: of rmse and bits, 0.1 to 0.17 bit less for each number at equal error, for a fifth more time to
    encode; readers of before it refuse such blobs.
    Raises BadParameter where a target cannot be held, NonFinite, ShapeError, DTypeError.
    """
    target, value = target_of(rmse=rmse, bits=bits, step=step, max_error=max_error, lossless=lossless)
    numbers, kind = carried(array)
    searched = flag("trellis", trellis)
    return _vaerans.encode_blob(numbers, kind, target, value, axis_of(channel_axis, numbers.ndim), searched)


def blob_info(blob: Any, *, limits: Limits | None = None) -> BlobInfo:
    """What a blob (bytes, or what shows such memory) holds, without decoding it. Raises as decode_blob()."""
    return _vaerans.blob_info(blob_of(blob), limits)


def decode_blob(blob: Any, dtype: Any = None, *, limits: Limits | None = None) -> np.ndarray:
    """The array of a blob, in its own type or another: 'f16', 'bf16', 'f32', or a type of NumPy or PyTorch.

    blob: bytes, or what shows such memory (a memoryview of a mapped file). Raises InvalidArgument for anything else,
    CorruptStream, UnsupportedVersion; DTypeError where a lossless blob would lose something.
    limits: a blob of constant numbers takes a few bytes whatever their count, so of one that you do not trust hold
    max_memory (4 GiB by default; 12 bytes a number) to what you expect; LimitExceeded before memory is taken.
    """
    data = blob_of(blob)
    info = _vaerans.blob_info(data, limits)
    kind = info.type if dtype is None else type_of(dtype)
    out = room(info.shape, kind)
    _vaerans.decode_blob(data, kind, out, limits)
    return released(out, kind)


def blob_of(value: Any) -> bytes:
    """Raises InvalidArgument."""
    found = bytes_of(value)
    if found is None:
        raise InvalidArgument(f"a blob is bytes, not {type(value).__name__}")
    return found


def target_of(
    *,
    rmse: float | None = None,
    bits: float | None = None,
    step: float | None = None,
    max_error: float | None = None,
    lossless: bool = False,
) -> tuple[str, float]:
    """The one target that is given, by name."""
    exact = 0.0 if flag("lossless", lossless) else None
    given = {"rmse": rmse, "bits": bits, "step": step, "max_error": max_error, "lossless": exact}
    chosen = [(name, given_number(name, value)) for name, value in given.items() if value is not None]
    if len(chosen) > 1:
        raise BadParameter(f"{' and '.join(name for name, _ in chosen)}: one target at a time")
    return chosen[0] if chosen else ("rmse", 0.02)
