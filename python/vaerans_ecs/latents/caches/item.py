"""What a cache file holds, whatever its form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._numbers import Numbers

Array = np.ndarray | Numbers


@dataclass
class CacheItem:
    """The file's arrays by name, in its order.

    metadata: texts that stand beside them (safetensors). layout: how a .pt file nests them, as JSON; None where they
    lie side by side.
    """

    arrays: dict[str, Array]
    metadata: dict[str, str] = field(default_factory=dict)
    layout: Any = None

    def facts(self) -> dict[str, Any]:
        """Size and crop of the source where names of sd-scripts or metadata of musubi-tuner tell them."""
        facts: dict[str, Any] = {}
        for name, array in self.arrays.items():
            if isinstance(array, Numbers) or array.ndim != 1 or not np.isfinite(array).all():
                continue
            if name.startswith("original_size") and array.size == 2:
                facts["size"] = _whole(array)
            if name.startswith("crop_ltrb") and array.size == 4:
                left, top, right, bottom = _whole(array)
                facts["crop"] = (left, top, max(0, right - left), max(0, bottom - top))
        width, height = self.metadata.get("width", ""), self.metadata.get("height", "")
        if width.isdecimal() and height.isdecimal() and len(width + height) < 16:
            facts.setdefault("size", (int(width), int(height)))
        return facts


def _whole(array: np.ndarray) -> tuple[int, ...]:
    return tuple(max(0, int(v)) for v in array)
