"""zarr, format 3: chunks as blobs.

    zarr.create_array(store, shape=(n, 16, 128, 128), chunks=(1, 16, 128, 128), dtype="float16",
                      serializer=BlobCodec(rmse=0.02), compressors=None)

Installing vaerans_ecs makes the codec known (`vaerans.blob`), so `zarr.open_array()` is all that a reader needs. The
values that zarr fills absent chunks with are never coded; a chunk reaches its target by itself.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from zarr.abc.codec import ArrayBytesCodec

from ..._values import flag
from ...errors import DTypeError, ShapeError
from .._numbers import carried, type_of
from ..blobs import decode_blob, encode_blob, target_of

if TYPE_CHECKING:
    from zarr.core.array_spec import ArraySpec
    from zarr.core.buffer import Buffer, NDBuffer

NAME = "vaerans.blob"


@dataclass(frozen=True)
class BlobCodec(ArrayBytesCodec):
    """Chunks of float32 or float16 within one target; rmse=0.02 if none is given.

    channel_axis: the axis of a chunk whose indices have a mean and a spread each; 1, behind the items', if a chunk has
    three axes or more, else the last.
    """

    is_fixed_size = False
    rmse: float | None = None
    bits: float | None = None
    step: float | None = None
    max_error: float | None = None
    lossless: bool = False
    channel_axis: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "lossless", flag("lossless", self.lossless))  # JSON has none of NumPy's
        target_of(**self._target())

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> BlobCodec:
        return cls(**data.get("configuration", {}))

    def to_dict(self) -> dict[str, Any]:
        given = {**self._target(), "channel_axis": self.channel_axis}
        return {"name": NAME, "configuration": {name: v for name, v in given.items() if v not in (None, False)}}

    def _target(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("rmse", "bits", "step", "max_error", "lossless")}

    def validate(self, *, shape: tuple[int, ...], dtype: Any, chunk_grid: Any) -> None:
        """When an array is made: what could not be written later."""
        kind = type_of(dtype.to_native_dtype())
        if self.lossless and kind == "f32":
            raise DTypeError("lossless keeps float16; choose an error for float32")
        if not 1 <= len(shape) <= 6:
            raise ShapeError(f"chunks of {len(shape)} axes; 1 to 6 can be stored")

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: ArraySpec) -> int:
        raise NotImplementedError  # it depends on the numbers

    def _encoded(self, array: np.ndarray) -> bytes:
        axis = self.channel_axis
        if axis is None:
            axis = 1 if array.ndim > 2 else array.ndim - 1
        return encode_blob(array, channel_axis=axis, **self._target())

    async def _encode_single(self, chunk_array: NDBuffer, chunk_spec: ArraySpec) -> Buffer:
        blob = await asyncio.to_thread(self._encoded, carried(chunk_array.as_numpy_array())[0])
        return chunk_spec.prototype.buffer.from_bytes(blob)

    async def _decode_single(self, chunk_bytes: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        kind = type_of(chunk_spec.dtype.to_native_dtype())
        array = await asyncio.to_thread(decode_blob, chunk_bytes.to_bytes(), kind)
        if array.shape != tuple(chunk_spec.shape):
            raise ShapeError(f"a chunk of shape {array.shape} where one of {tuple(chunk_spec.shape)} should be")
        return chunk_spec.prototype.nd_buffer.from_numpy_array(array)
