"""Parameters as Python gives them: keys of components, as strings or types, and models, as names or paths."""

from os import PathLike, fspath
from typing import Any, TypeAlias

from ..components import Component

Key: TypeAlias = str | type[Component]


def key_of(key: Key) -> Any:
    """The key of a component type; anything else is the library's to check."""
    return getattr(key, "key", key)


def model_of(model: str | PathLike[str]) -> Any:
    """The text of a path; anything else is the library's to check."""
    return fspath(model) if isinstance(model, PathLike) else model
