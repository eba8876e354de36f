"""Files of safetensors: a header in JSON, then the tensors' bytes. https://github.com/huggingface/safetensors#format

Read and written here without the package, which has no NumPy type for bfloat16.
"""

from __future__ import annotations

import json
import math
import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from .._writing import whole_file
from ..errors import CorruptStream, DTypeError, MissingComponent
from ._numbers import Numbers

_TYPES = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "U16": "uint16",
    "I16": "int16",
    "U32": "uint32",
    "I32": "int32",
    "U64": "uint64",
    "I64": "int64",
    "F16": "float16",
    "F32": "float32",
    "F64": "float64",
    "BF16": "bfloat16",
}
_NAMES = {numpy: name for name, numpy in _TYPES.items()}
_LARGEST_HEADER = 100 << 20  # the format's own limit


class SafetensorsFile(Mapping[str, "np.ndarray | Numbers"]):
    """The tensors of a file by name, mapped: only what is asked for is read. bfloat16 comes as Numbers."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with self.path.open("rb") as file:
            size = self.path.stat().st_size
            self._bytes: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        length = int.from_bytes(self._bytes[:8], "little")
        if size < 8 or length > min(size - 8, _LARGEST_HEADER):
            raise CorruptStream(f"{path}: no safetensors file: its header does not fit into it")
        try:
            header = json.loads(self._bytes[8 : 8 + length])
            self.metadata: dict[str, str] = dict(header.pop("__metadata__", None) or {})
            self._entries = {name: self._entry(entry) for name, entry in header.items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CorruptStream(f"{path}: no safetensors file: its header is damaged ({error})") from None
        self._start = 8 + length
        for name, (kind, shape, begin, end) in self._entries.items():
            width = 2 if kind == "bfloat16" else np.dtype(kind).itemsize
            if not 0 <= begin <= end <= size - self._start or end - begin != math.prod(shape) * width:
                raise CorruptStream(f"{path}: tensor {name} does not fit into the file")

    def _entry(self, entry: Mapping[str, Any]) -> tuple[str, tuple[int, ...], int, int]:
        kind = _TYPES.get(entry["dtype"])
        if kind is None:
            raise DTypeError(f"{self.path}: numbers of type {entry['dtype']} cannot be read")
        begin, end = map(int, entry["data_offsets"])
        shape = tuple(map(int, entry["shape"]))
        if any(n < 0 for n in shape):
            raise ValueError("a negative length")
        return kind, shape, begin, end

    def __getitem__(self, name: str) -> np.ndarray | Numbers:
        if name not in self._entries:
            raise MissingComponent(f"{self.path}: no tensor '{name}'; there are: {', '.join(self._entries)}")
        kind, shape, begin, end = self._entries[name]
        carrier = np.dtype(np.uint16 if kind == "bfloat16" else kind)
        values = np.frombuffer(self._bytes, carrier, (end - begin) // carrier.itemsize, self._start + begin)
        return Numbers(values.reshape(shape), "bf16") if kind == "bfloat16" else values.reshape(shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def write_safetensors(
    path: str | Path, tensors: Mapping[str, np.ndarray | Numbers], metadata: Mapping[str, str] | None = None
) -> None:
    """Writes a file anew, whole or not at all."""
    with whole_file(Path(path)) as file:
        put_safetensors(file, tensors, metadata)


def put_safetensors(
    file: IO[bytes], tensors: Mapping[str, np.ndarray | Numbers], metadata: Mapping[str, str] | None = None
) -> None:
    """The widest types come first, so that each tensor lies where its type wants it."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    parts, at = [], 0
    for name, tensor in sorted(tensors.items(), key=lambda item: -_array(item[1]).itemsize):
        values = np.ascontiguousarray(_array(tensor))
        kind = "bfloat16" if isinstance(tensor, Numbers) and tensor.kind == "bf16" else values.dtype.name
        if kind not in _NAMES:
            raise DTypeError(f"{name}: safetensors has no type for {kind}")
        shape, end = list(_array(tensor).shape), at + values.nbytes
        header[name] = {"dtype": _NAMES[kind], "shape": shape, "data_offsets": [at, end]}
        parts.append(values)
        at = end
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    for values in parts:
        file.write(values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes())


def _array(tensor: np.ndarray | Numbers) -> np.ndarray:
    return tensor.values if isinstance(tensor, Numbers) else np.asarray(tensor)
