"""Keys of components as parameters: a string, or the component type."""

from typing import TypeAlias

from ..components import Component

Key: TypeAlias = str | type[Component]


def key_of(key: Key) -> str:
    return key if isinstance(key, str) else str(key.key)
