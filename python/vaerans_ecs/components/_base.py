"""What all components have: NumPy sees the arena's memory without a copy; DLPack gives a copy."""

from typing import Any

import numpy as np

from .. import _vaerans


class Component(_vaerans.Component):
    """A tensor of one entity. `numpy.asarray(component)` is a read-only view of arena memory that keeps it alive.

    After `World.reset()` a view that was got before stays readable (its contents change); asking for a new one raises
    StaleRef.
    """

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        view = self.array
        if dtype is None or np.dtype(dtype) == view.dtype:
            return view.copy() if copy else view
        if copy is False:
            raise ValueError(f"{self.key} is {view.dtype}; as {np.dtype(dtype)} it must be copied")
        return view.astype(dtype)

    def __dlpack__(
        self, *, copy: bool | None = None, max_version: tuple[int, int] | None = None, **options: Any
    ) -> Any:
        """A copy, since not every consumer of DLPack can be told that memory is read-only; `copy=False` asks for a
        read-only view and raises BufferError where the consumer's version cannot say so.
        """
        if copy is False and (max_version is None or max_version < (1, 0)):
            raise BufferError(f"{self.key} is read-only, which DLPack before version 1.0 cannot say: copy it")
        source = self.array if copy is False else self.array.copy()
        return source.__dlpack__(max_version=max_version, copy=False if copy is False else None, **options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.array.__dlpack_device__()

    def __len__(self) -> int:
        return self.shape[0]

    def __bytes__(self) -> bytes:
        return self.tobytes()
