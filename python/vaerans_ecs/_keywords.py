"""Keywords of compress() and its like: what they may be, and how they become the options of the native module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

import numpy as np

from . import _vaerans
from .core.context import Context
from .core.pipeline import Pipeline
from .errors import BadParameter

if TYPE_CHECKING:  # systems ask here themselves
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


def is_number(value: Any, kind: type) -> bool:
    """NumPy's numbers are numbers, too; True is none."""
    return isinstance(value, kind) and not isinstance(value, (bool, np.bool_))


def number(name: str, value: Any) -> float | None:
    return None if value is None else given_number(name, value)


def given_number(name: str, value: Any) -> float:
    """As number(), where None is none."""
    if not is_number(value, Real):
        raise BadParameter(f"{name} is a number, not {value!r}")
    try:
        return float(value)
    except OverflowError:
        raise BadParameter(f"{name} is a number that a float can hold, up to 1.8e308") from None


def numbers(name: str, values: Any, count: int | None = None) -> list[float]:
    """A list of numbers, `count` of them where that is said; also an array or tensor of one axis."""
    listed = values.tolist() if hasattr(values, "tolist") else values
    wanted = f"{name} is a list of {'' if count is None else f'{count} '}numbers"
    if isinstance(listed, str) or not isinstance(listed, Iterable):
        raise BadParameter(f"{wanted}, not {values!r}")
    found = [given_number(f"each of {name}", one) for one in listed]
    if count not in (None, len(found)):
        raise BadParameter(f"{wanted}, not {values!r}")
    return found


def whole(name: str, value: Any, least: int | None = None, most: int = 2**31 - 1) -> int | None:
    """Without `least` the library knows the range; here only what is beyond all ranges is refused."""
    return None if value is None else given_whole(name, value, least, most)


def given_whole(name: str, value: Any, least: int | None = None, most: int = 2**31 - 1) -> int:
    """As whole(), where None is none."""
    if not is_number(value, Integral):
        raise BadParameter(f"{name} is a whole number, not {value!r}")
    if not (-most if least is None else least) <= int(value) <= most:
        far = f"{name} is far from {value}, whatever its range"
        raise BadParameter(far if least is None else f"{name} is {least} to {most}, not {value}")
    return int(value)


def flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise BadParameter(f"{name} is True or False, not {value!r}")
    return bool(value)


def text(name: str, value: Any) -> str:
    """None is ""."""
    if value is not None and not isinstance(value, str):
        raise BadParameter(f"{name} is a text, not {value!r}")
    return value or ""


def path(name: str, value: Any) -> str:
    """The text of a name or path; None is ""."""
    return fspath(value) if isinstance(value, PathLike) else text(name, value)


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
    if not isinstance(context, _vaerans.ContextBase):
        raise BadParameter(f"context is a Context, not {context!r}")
    return context
