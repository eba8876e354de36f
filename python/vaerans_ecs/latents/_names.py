"""Keys of items and names of arrays, as the library takes them."""

from __future__ import annotations

from typing import Any

from .._values import is_unicode
from ..errors import InvalidArgument

MASK = ".mask"  # behind an array's name: the array that says which of its tokens count


def key_of(key: Any) -> str:
    """Names of files that are not UTF-8 are texts that the library cannot take."""
    if not isinstance(key, str):
        raise InvalidArgument(f"a key is a text, not {key!r}")
    if not is_unicode(key):
        raise InvalidArgument(f"a key that is not UTF-8, or has control characters: {key!r}")
    return key


def name_of(array: Any) -> str:
    if isinstance(array, str) and is_unicode(array):
        return array
    raise InvalidArgument(f"an array's name is a text (UTF-8), not {array!r}")
