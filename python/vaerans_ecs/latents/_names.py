"""Keys of items, names of arrays and places of stores, as the library takes them."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import Any

from .._values import given_path, is_unicode
from ..errors import InvalidArgument

MASK = ".mask"  # behind an array's name: the array that says which of its tokens count


def key_of(key: Any) -> str:
    """Names of files that are not UTF-8 are texts that the library cannot take."""
    if not isinstance(key, str):
        raise InvalidArgument(f"a key is a text, not {key!r}")
    if not is_unicode(key):
        raise InvalidArgument(f"a key that is not UTF-8, or has control characters: {key!r}")
    return key


def keys_of(keys: Any) -> list[Any]:
    """A list of keys, or one; what they are is for key_of() to say."""
    if isinstance(keys, str):
        return [keys]
    if not isinstance(keys, Iterable):
        raise InvalidArgument(f"keys are a list of texts, not {keys!r}")
    return list(keys)


def place_of(path: Any) -> str:
    """The text of a path, or of what stands for an address."""
    return given_path("path", path if isinstance(path, (str, PathLike)) or "://" not in str(path) else str(path))


def name_of(array: Any) -> str:
    if isinstance(array, str) and is_unicode(array):
        return array
    raise InvalidArgument(f"an array's name is a text (UTF-8), not {array!r}")
