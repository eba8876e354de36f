"""Files of `torch.save()`: tensors, nested in dictionaries and lists. Read without running code that they may hold."""

from __future__ import annotations

import math
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...errors import CorruptStream, DTypeError, RuntimeNotFound
from .._numbers import Numbers
from .item import Array, CacheItem

_PLAIN = (str, int, float, bool, type(None))
_TENSOR, _DICT, _LIST, _TUPLE, _VALUE, _NUMBER = "tensor", "dict", "list", "tuple", "value", "number"


def read(path: Path) -> CacheItem:
    torch = _torch()
    try:
        tree = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise
    except Exception as error:  # pickle, zip and torch raise all sorts
        text = str(error).partition("\n")[0]
        raise CorruptStream(f"{path}: no file that torch.load(weights_only=True) reads: {text}") from None
    arrays: dict[str, Array] = {}
    layout = _describe(torch, path, tree, (), arrays)
    return CacheItem(arrays, layout=layout)


def write(file: IO[bytes], item: CacheItem) -> None:
    torch = _torch()
    tensors = {name: as_tensor(torch, array) for name, array in item.arrays.items()}
    torch.save(tensors if item.layout is None else _build(item.layout, tensors), file)


def as_tensor(torch: Any, array: Array) -> Any:
    """A tensor on the array's memory; a copy where that cannot be written to."""
    values = array.values if isinstance(array, Numbers) else array
    if not values.flags.writeable or not values.flags.c_contiguous:
        values = np.array(values, order="C")
    if isinstance(array, Numbers) and array.kind == "bf16":
        return torch.from_numpy(values.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(values)


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise RuntimeNotFound("files of torch.save() need PyTorch: pip install torch") from None
    return torch


def _describe(torch: Any, path: Path, node: Any, place: tuple[str, ...], arrays: dict[str, Array]) -> list:
    """[what it is, its parts or name], as JSON; tensors go to `arrays` under their place."""
    if isinstance(node, torch.Tensor):
        name = "/".join(place) or "tensor"
        if name in arrays:
            raise DTypeError(f"{path}: two tensors would be called {name}")
        arrays[name] = _as_array(torch, path, node)
        return [_TENSOR, name]
    if isinstance(node, dict):
        parts = [[_key(path, k), _describe(torch, path, v, (*place, str(k)), arrays)] for k, v in node.items()]
        return [_DICT, parts]
    if isinstance(node, (list, tuple)):
        parts = [_describe(torch, path, v, (*place, str(i)), arrays) for i, v in enumerate(node)]
        return [_TUPLE if isinstance(node, tuple) else _LIST, parts]
    if isinstance(node, float) and not math.isfinite(node):
        return [_NUMBER, repr(node)]
    if isinstance(node, _PLAIN):
        return [_VALUE, node]
    name = "/".join(place) or "it"
    raise DTypeError(f"{path}: {name} is a {type(node).__name__}: tensors, numbers and texts are kept")


def _key(path: Path, key: Any) -> Any:
    if not isinstance(key, (str, int)):
        raise DTypeError(f"{path}: a dictionary with keys of type {type(key).__name__}")
    return key


def _as_array(torch: Any, path: Path, tensor: Any) -> Array:
    if tensor.layout != torch.strided:
        raise DTypeError(f"{path}: a sparse tensor")
    tensor = tensor.detach().contiguous()
    if tensor.dtype == torch.bfloat16:
        return Numbers(tensor.view(torch.int16).numpy().view(np.uint16), "bf16")
    try:
        return tensor.numpy()
    except TypeError:
        raise DTypeError(f"{path}: numbers of type {tensor.dtype} cannot be kept") from None


def _build(layout: list, tensors: dict[str, Any]) -> Any:
    kind, inner = layout
    if kind == _TENSOR:
        return tensors[inner]
    if kind == _DICT:
        return {key: _build(part, tensors) for key, part in inner}
    if kind in (_LIST, _TUPLE):
        parts = [_build(part, tensors) for part in inner]
        return tuple(parts) if kind == _TUPLE else parts
    return float(inner) if kind == _NUMBER else inner
