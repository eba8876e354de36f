"""What all components have: NumPy and DLPack see the arena's memory, without a copy."""

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

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.array.__dlpack_device__()

    def __len__(self) -> int:
        return self.shape[0]

    def __bytes__(self) -> bytes:
        return self.tobytes()
