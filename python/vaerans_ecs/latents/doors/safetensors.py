"""safetensors: blobs as tensors of bytes (U8), which any reader of safetensors can carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import CorruptStream
from .._numbers import Numbers, type_of
from .._safetensors import SafetensorsFile, write_safetensors
from ..blobs import BlobInfo, blob_info, decode_blob, encode_blob

FORMAT = "vaerans-blob-1"


def save_file(
    arrays: Mapping[str, Any], path: str | Path, metadata: Mapping[str, str] | None = None, **options: Any
) -> None:
    """Arrays (NumPy or PyTorch) by name, each a blob. options: those of encode_blob(), for all."""
    blobs = {name: np.frombuffer(encode_blob(array, **options), np.uint8) for name, array in arrays.items()}
    write_safetensors(path, blobs, {**(metadata or {}), "format": FORMAT})


def load_file(path: str | Path, dtype: Any = "f16") -> dict[str, np.ndarray]:
    """All arrays of a file."""
    return dict(BlobFile(path, dtype))


class BlobFile(Mapping[str, np.ndarray]):
    """A file's arrays by name; only what is asked for is read and decoded. dtype: what they come as."""

    def __init__(self, path: str | Path, dtype: Any = "f16") -> None:
        self._file, self.dtype = SafetensorsFile(path), type_of(dtype)
        if self._file.metadata.get("format") != FORMAT:
            raise CorruptStream(f"{path}: its metadata do not say format={FORMAT}: no file of save_file()")

    @property
    def metadata(self) -> dict[str, str]:
        return self._file.metadata

    def blob(self, name: str) -> bytes:
        tensor = self._file[name]
        if isinstance(tensor, Numbers) or tensor.dtype != np.uint8:
            raise CorruptStream(f"{self._file.path}: {name} is no tensor of bytes")
        return tensor.tobytes()

    def info(self, name: str) -> BlobInfo:
        return blob_info(self.blob(name))

    def __getitem__(self, name: str) -> np.ndarray:
        return decode_blob(self.blob(name), self.dtype)

    def __iter__(self) -> Iterator[str]:
        return iter(self._file)

    def __len__(self) -> int:
        return len(self._file)
