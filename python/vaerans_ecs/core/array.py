"""How components and scratch buffers behave like NumPy arrays, in one place: whatever has an `array` can."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin


class ArrayLike(NDArrayOperatorsMixin):
    """Indexing, iteration, arithmetic and NumPy's methods (`mean()`, `astype()`, …) of what `array` gives."""

    __slots__ = ()

    @property
    def array(self) -> np.ndarray:
        """A view of the memory."""
        raise NotImplementedError(f"{type(self).__name__} has no array")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        view = self.array
        if dtype is None or np.dtype(dtype) == view.dtype:
            return view.copy() if copy else view
        if copy is False:
            raise ValueError(f"this is {view.dtype}; as {np.dtype(dtype)} it must be copied")
        return view.astype(dtype)

    @property
    def __array_interface__(self) -> dict[str, Any]:
        """What Pillow's Image.fromarray() and others ask for; the memory stays as long as this object does.

        Strides are always said: without them Pillow expects a buffer."""
        array = self.array
        return {**array.__array_interface__, "strides": array.strides}

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if "out" in options:
            options["out"] = tuple(_plain(one) for one in options["out"])
        return getattr(ufunc, method)(*map(_plain, inputs), **options)

    def __getitem__(self, index: Any) -> Any:
        return self.array[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.array)

    def __len__(self) -> int:
        return len(self.array)

    def __getattr__(self, name: str) -> Any:
        # Only what a class does not have itself arrives here: mean, T, reshape …
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.array, name)

    __hash__ = object.__hash__  # by identity, although == compares elements


def _plain(value: Any) -> Any:
    return value.array if isinstance(value, ArrayLike) else value
