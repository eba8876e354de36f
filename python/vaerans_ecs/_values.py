"""Values that callers give: read as plain Python's, or refused as a BadParameter that says by name what they should be.

NumPy's numbers, booleans and texts are taken wherever Python's are. Nothing here knows of anything but errors.
"""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from os import PathLike, fsencode, fspath
from typing import Any

import numpy as np

from .errors import BadParameter


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


def wholes(name: str, values: Any, says: str) -> list[int]:
    """Numbers of pixels: as many as `says` names, such as "(width, height)"."""
    listed = list(values) if isinstance(values, Iterable) else []
    whole_ones = all(is_number(one, Integral) and 0 <= one < 2**64 for one in listed)
    if len(listed) != says.count(",") + 1 or not whole_ones:
        raise BadParameter(f"{name} is {says}, whole numbers from 0 to below 2^64, not {values!r}")
    return [int(one) for one in listed]


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
    """None is "". Surrogates, which stand for bytes of names of files, are no text."""
    if value is not None and not (isinstance(value, str) and is_unicode(value)):
        raise BadParameter(f"{name} is a text, not {value!r}")
    return value or ""


def is_unicode(value: str) -> bool:
    """Whether a text has no surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def path(name: str, value: Any) -> str:
    """The text of a name or path; None is ""."""
    return "" if value is None else given_path(name, value)


def given_path(name: str, value: Any) -> str:
    """As path(), where None is none. The native module asks here, too; for it a NUL would end the text."""
    said = fspath(value) if isinstance(value, (str, PathLike)) else None
    if not isinstance(said, str) or not _is_name(said):
        raise BadParameter(f"{name} is a text or a path, not {value!r}")
    if "\0" in said:
        raise BadParameter(f"{name} is {value!r}, but no path has the character NUL")
    return said


def _is_name(said: str) -> bool:
    """Surrogates may stand for bytes of names of files, those of os.fsdecode(); no other ones."""
    try:
        fsencode(said)
    except UnicodeEncodeError:
        return False
    return True


def bytes_of(value: Any) -> bytes | None:
    """The bytes of whatever shows its memory (bytearray, memoryview, mmap, an array); None of anything else."""
    try:
        return value if isinstance(value, bytes) else memoryview(value).tobytes()
    except (TypeError, ValueError, BufferError):  # a ValueError comes from a view that was released
        return None
