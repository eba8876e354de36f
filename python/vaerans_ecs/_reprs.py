"""What native objects print as, and how those that are kept are pickled: said here for all of them at once."""

from __future__ import annotations

import copyreg
from typing import Any

import numpy as np

from . import _vaerans

# Those that would print a whole world with themselves, and what they say instead.
SHOWN = {
    "Pipe": ("cursor", "entities", "failed"),
    "Group": ("entities",),
    "RowWriter": ("rows_missing",),
    "SystemBase": ("contract",),
}
LONG = 60  # characters of a value that are shown


def install() -> None:
    """Gives a repr to the native classes that have none of their own."""
    for cls in _classes(_vaerans):
        if cls.__repr__ is object.__repr__:
            cls.__repr__ = _repr  # type: ignore[assignment]
    copyreg.pickle(_vaerans.ModelInfo, lambda model: (_model_again, (model.folder or model.name,)))


def _model_again(place: str) -> Any:
    """`place`: its folder, or the name of one that has none."""
    return _vaerans.find_model(place)


def _classes(holder: Any) -> list[type]:
    inside = [thing for thing in vars(holder).values() if isinstance(thing, type)]
    found = [thing for thing in inside if thing.__module__ == _vaerans.__name__]
    return found + [inner for cls in found if cls is not holder for inner in _classes(cls) if inner is not cls]


def _repr(self: Any) -> str:
    cls = type(self)
    names = SHOWN.get(cls.__name__) or [name for name, value in vars(cls).items() if isinstance(value, property)]
    return f"{cls.__name__}({', '.join(f'{name}={_short(getattr(self, name))}' for name in names)})"


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array{value.shape}"
    text = repr(value)
    return text if len(text) <= LONG else text[:LONG] + "…"
