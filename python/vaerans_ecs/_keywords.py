"""Keywords of compress() and its like: what they may be, and how they become the options of the native module."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from os import PathLike
from typing import Any, TypeAlias, TypedDict

import numpy as np

from . import _vaerans
from ._values import flag, is_number, number, whole
from .core.context import Context, given_context
from .core.pipeline import Pipeline
from .errors import BadParameter
from .systems import System

# The static type of a stack of pictures; arrays whose type says no shape are taken for one picture.
Stack: TypeAlias = np.ndarray[tuple[int, int, int, int], Any]


class Choices(TypedDict, total=False):
    """Those of compress() beside quality and the context."""

    step: float | None
    bpp: float | None
    target_bytes: int | None
    psnr: float | None
    ssimulacra2: float | None
    ms_ssim: float | None
    mode: str | None
    tune: str
    effort: int
    model: str | PathLike[str] | None
    pipeline: Pipeline | System | str | None
    residual: str | int | None
    lossless: bool
    max_error: int | None
    digest: bool
    strip: bool
    preview: bool | int
    value_range: tuple[float, float] | None
    icc: bytes | None
    exif: bytes | None
    xmp: bytes | None
    device: str | Sequence[str] | None
    threads: int | None


class Keywords(Choices, total=False):
    """Those of compress() beside quality."""

    context: Context | None


def recipe_of(pipeline: Pipeline | System | str) -> str:
    # Parsed here, so that a bad recipe is refused before anything runs. A text stays as it is: printed again,
    # every step that runs a model says which.
    parsed = Pipeline(pipeline).recipe
    return pipeline if isinstance(pipeline, str) else parsed


def set_target(options: _vaerans.CompressOptions, **targets: float | None) -> None:
    given = [name for name, value in targets.items() if value is not None]
    if len(given) > 1:
        raise BadParameter(f"{' and '.join(given)} were given, but only one of {', '.join(targets)} can hold")
    options.target_bytes = whole("target_bytes", targets.pop("target_bytes"), 0, 2**63)
    for name, value in targets.items():
        setattr(options, name, number(name, value))


def set_residual(options: _vaerans.CompressOptions, residual: str | int | None) -> None:
    if isinstance(residual, str) and residual == "lossless":
        options.residual_step = 1
    elif residual is None or is_number(residual, Integral):
        options.residual_step = whole("residual", residual)
    else:
        raise BadParameter(f"residual is 'lossless', a whole step >= 1, or None, not {residual!r}")


def set_exactness(
    options: _vaerans.CompressOptions, lossless: bool, max_error: int | None, *not_beside: object
) -> None:
    exact = flag("lossless", lossless)
    if not exact and max_error is None:
        return
    if any(value is not None for value in not_beside):
        raise BadParameter(
            "lossless and max_error go without quality, step, bpp, target_bytes, pipeline and residual; "
            "residual='lossless' makes a chain of your own bit-exact"
        )
    options.lossless, options.max_error = exact, whole("max_error", max_error)


def preview_bytes(preview: Any) -> int | None:
    """How many at most; None without a preview."""
    if isinstance(preview, bool | np.bool_):
        return _vaerans.USUAL_PREVIEW_BYTES if preview else None
    size = whole("preview", preview)
    if size is not None and size < 0:
        raise BadParameter(f"preview is True or a number of bytes, not {preview!r}")
    return size


def context_of(device: str | Sequence[str] | None, threads: int | None, context: Context | None) -> Context:
    if context is None:
        return Context(device="auto" if device is None else device, threads=0 if threads is None else threads)
    if device is not None or threads is not None:
        raise BadParameter("give device and threads in the context, or without one")
    given_context(context)
    return context
