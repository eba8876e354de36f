"""Arrays by key into append-only shards."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from numbers import Integral
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from .. import _vaerans
from .._values import flag, given_number, given_whole, is_number, is_unicode, text, wholes
from ..errors import BadParameter, InvalidArgument, ShapeError, VaeransError
from ._names import MASK, key_of, name_of, place_of
from ._numbers import axis_of, carried, is_tensor
from .blobs import blob_of, target_of

_MOST = 2**64 - 1  # what 64 bits hold; the library knows the ranges


class LatentWriter:
    """Writes shards into a folder; a context manager. One for each rank; its methods may be called from many threads.

    model, model_hash, scaling, shift, user: noted in the shards. resume: finish what a killed writer of this rank left
    behind. replace: items of keys that are there take their place. shard_bytes: a new shard begins behind so many.
    sequence: the first shard's number at least; items of higher ones replace those of lower ones. rmse, bits, step,
    max_error, lossless: the target of arrays that are not given one of their own; rmse=0.02 if nothing is said.
    trellis: as of encode_blob().
    """

    def __init__(
        self,
        path: str | Path,
        *,
        model: str = "",
        model_hash: str = "",
        scaling: float = 1.0,
        shift: float = 0.0,
        user: Any = None,
        rank: int | str = 0,
        resume: bool = False,
        replace: bool = False,
        shard_bytes: int = 1 << 30,
        sequence: int = 1,
        rmse: float | None = None,
        bits: float | None = None,
        step: float | None = None,
        max_error: float | None = None,
        lossless: bool = False,
        trellis: bool = True,
    ) -> None:
        self._trellis = flag("trellis", trellis)
        self._target = target_of(rmse=rmse, bits=bits, step=step, max_error=max_error, lossless=lossless)
        over = flag("resume", resume), flag("replace", replace)
        said = text("model", model), text("model_hash", model_hash)
        scaled = given_number("scaling", scaling), given_number("shift", shift)
        noted = text("user", _json(user)), _rank(rank)
        sizes = given_whole("shard_bytes", shard_bytes, 0, _MOST), given_whole("sequence", sequence, 0, _MOST)
        self._writer = _vaerans.StoreWriter(place_of(path), *said, *scaled, *noted, *over, *sizes)

    def __repr__(self) -> str:
        return f"LatentWriter({self.items} items)"

    def __enter__(self) -> LatentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes in any case: what was added before an error is whole."""
        self.close()

    @property
    def items(self) -> int:
        """How many this writer has added."""
        return self._writer.items

    def is_current(self, key: str, source_hash: str, model_hash: str = "") -> bool:
        """Whether the store has the key, made from this source by this model (the writer's, if none is given)."""
        hashes = text("source_hash", source_hash), text("model_hash", model_hash)
        return self._writer.is_current(key_of(key), *hashes)

    def add(
        self,
        key: str,
        arrays: Any,
        *,
        source_hash: str = "",
        model_hash: str = "",
        size: tuple[int, int] = (0, 0),
        crop: tuple[int, int, int, int] = (0, 0, 0, 0),
        flip_of: str = "",
        bucket: str = "",
        user: Any = None,
    ) -> None:
        """An array (NumPy or PyTorch), or several by name; instead of an array also (array, options of encode_blob()).

        A further option is `mask`, true for the tokens of a (tokens, width) array that count: the others are left out,
        and LatentStore.padded() puts zeros in their place.
        size: (width, height) of the source. crop: (left, top, width, height). bucket: items of one bucket make batches;
        unless given, the shape of the first array, such as 16x128x128. user: anything that JSON can hold.
        channel_axis, unless given: the last axis of two, else the first. Raises OutputExists where the key is there,
        InvalidArgument for a key or text that is not UTF-8, and what encode_blob() raises, with the key.
        """
        key_of(key)
        named = arrays if isinstance(arrays, Mapping) else {"latent": arrays}
        try:
            described = [part for name, value in named.items() for part in self._described(name, value)]
            about = _json(user)
        except VaeransError as error:
            raise type(error)(f"{key}: {error}") from error
        _require_texts(key, source_hash, model_hash, flip_of, bucket or "", about, *(name for name, *_ in described))
        bucket = bucket or "x".join(map(str, described[0][1].shape if described else ()))
        width, height = wholes("size", size, "(width, height)")
        facts = {"source_hash": source_hash, "model_hash": model_hash, "user": about, "width": width, "height": height}
        facts |= {"crop": crop, "flip_of": flip_of, "bucket": bucket}
        self._writer.add(key, described, _facts(facts))

    def add_blobs(self, key: str, blobs: Mapping[str, bytes], **facts: Any) -> None:
        """Arrays that are coded already, such as of another store. facts: attributes of StoreItem.facts."""
        about = _facts(facts)
        if not isinstance(blobs, Mapping):
            raise InvalidArgument(f"blobs are bytes by name, not {type(blobs).__name__}")
        self._writer.add_blobs(key_of(key), {name_of(name): blob_of(blob) for name, blob in blobs.items()}, about)

    def _described(self, name: str, value: Any) -> list[tuple]:
        """What the library takes: the array, and its mask where padding is left out."""
        name = name_of(name)
        array, given = value if isinstance(value, tuple) and len(value) == 2 else (value, {})
        if isinstance(array, tuple) or not isinstance(given, Mapping):
            raise InvalidArgument(f"{name}: an array, or (array, options by name), not {value!r}")
        options = dict(given)
        mask, axis = options.pop("mask", None), options.pop("channel_axis", None)
        trellis = flag("trellis", options.pop("trellis", self._trellis))
        target, amount = target_of(**options) if options else self._target
        numbers, kind = carried(array)
        if mask is not None:
            numbers, kept = _without_padding(name, numbers, mask)
        described = (name, numbers, kind, target, amount, axis_of(axis, numbers.ndim), trellis)
        return [described] if mask is None else [described, (name + MASK, kept, "f16", "step", 1.0, 0, False)]

    def close(self) -> None:
        """Writes the index, makes sure that all is on the disk, and makes the shard visible."""
        self._writer.close()


def _extent(name: str, value: Any) -> int:
    return given_whole(name, value, 0, _MOST)


def _crop(name: str, value: Any) -> list[int]:
    return wholes(name, value, "(left, top, width, height)")


_FACTS: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(("source_hash", "model_hash", "flip_of", "bucket", "user"), text),
    **dict.fromkeys(("width", "height"), _extent),
    "crop": _crop,
}


def _facts(given: Mapping[str, Any]) -> _vaerans.ItemFacts:
    facts = _vaerans.ItemFacts()
    for name, value in given.items():
        if name not in _FACTS:
            raise BadParameter(f"there is no fact {name!r}; there are: {', '.join(_FACTS)}")
        setattr(facts, name, _FACTS[name](name, value))
    return facts


def _rank(rank: Any) -> str:
    return str(int(rank)) if is_number(rank, Integral) else text("rank", rank)


def _json(value: Any) -> str:
    try:
        return "" if value is None else json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise BadParameter(f"user is what JSON can hold, so no NaN and no infinity: {error}") from error


def _require_texts(key: str, *texts: Any) -> None:
    if not all(isinstance(text, str) and is_unicode(text) for text in texts):
        raise InvalidArgument(
            f"{key}: hashes, bucket, names and user data have to be UTF-8 without control characters, up to 1 MiB"
        )


def _without_padding(name: str, numbers: np.ndarray, mask: Any) -> tuple[np.ndarray, np.ndarray]:
    """The tokens that count, one at least, and the mask as an array of one row."""
    if is_tensor(mask):
        mask = mask.detach().cpu().numpy()
    try:
        counts = np.asarray(mask).astype(bool).reshape(-1)
    except (TypeError, ValueError):
        raise BadParameter(f"mask is true for the tokens that count, not {mask!r}") from None
    if numbers.ndim != 2 or counts.shape != numbers.shape[:1]:
        raise ShapeError(f"{name}: a mask of {counts.size} tokens for an array of shape {numbers.shape}")
    kept = numbers[counts] if counts.any() else numbers[:1]
    return np.ascontiguousarray(kept), counts[None].astype(np.float16)
