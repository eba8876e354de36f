"""The world: entities, their components, and the arena that holds them all."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from .._vaerans import ComponentStore, Spec, Subband, TensorRef, TrailStep, World
from .array import ArrayLike

Entity: TypeAlias = int  # what World.spawn_image() and its like return

Mapping.register(ComponentStore)


class Scratch(TensorRef, ArrayLike):
    """A TensorRef of World.scratch() that is a writable array as well."""

    def __init__(self, ref: TensorRef, array: np.ndarray) -> None:
        super().__init__(ref)
        self._array = array

    @property
    def array(self) -> np.ndarray:
        return self._array

    def __setitem__(self, index: Any, value: Any) -> None:
        self.array[index] = value


__all__ = ["ComponentStore", "Entity", "Scratch", "Spec", "Subband", "TrailStep", "World"]
