"""sd-scripts' latents in a store instead of an .npz file for each picture.

    from library.strategy_sd import SdSdxlLatentsCachingStrategy
    Strategy = with_store(SdSdxlLatentsCachingStrategy, "cache/store", rmse=0.02)
    LatentsCachingStrategy.set_strategy(Strategy(...))  # where the training script sets its own

What sd-scripts asks of a strategy is three things: whether a picture is cached (`is_disk_cached_latents_expected`), to
encode and keep a batch (`cache_batch_latents`, which saves with `save_latents_to_disk`), and to load
(`load_latents_from_disk`). Encoding stays as it is; saving, asking and loading go to the store. Each process writes
shards of its own (`rank`), and nobody waits for anybody.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from vaerans_ecs import LatentStore
from vaerans_ecs.errors import MissingComponent
from vaerans_ecs.latents.convert import MASKS

LATENTS, FLIPPED, MASK = "latents", "latents_flipped", "alpha_mask"
MASK_TARGET = MASKS["alpha_mask*"]  # half a level of eight bits: every level comes back


class StoreCaching:
    """What with_store() lays over a strategy."""

    store_folder: Path
    store_options: dict[str, Any]
    _writer = _store = None

    # ---- what sd-scripts calls ----

    def is_disk_cached_latents_expected(self, bucket_reso, npz_path, flip_aug, alpha_mask) -> bool:
        if not self.cache_to_disk:
            return False
        self.finish()
        store = self._opened()
        key = self._key(npz_path, bucket_reso)
        if key not in store:
            return False
        wanted = {LATENTS} | ({FLIPPED} if flip_aug else set()) | ({MASK} if alpha_mask else set())
        return wanted <= set(store.item(key).arrays)

    def save_latents_to_disk(
        self,
        npz_path,
        latents_tensor,
        original_size,
        crop_ltrb,
        flipped_latents_tensor=None,
        alpha_mask=None,
        key_reso_suffix="",
    ) -> None:
        height, width = latents_tensor.shape[-2:]
        arrays: dict[str, Any] = {LATENTS: latents_tensor}
        if flipped_latents_tensor is not None:
            arrays[FLIPPED] = flipped_latents_tensor
        if alpha_mask is not None:
            arrays[MASK] = (alpha_mask.float(), MASK_TARGET)
        # Exactly what is to come back; size and crop of the item's facts have no room for a crop beyond the picture.
        user = {"original_size": [int(n) for n in original_size], "crop_ltrb": [int(n) for n in crop_ltrb]}
        self._opened_writer().add(self._named(npz_path, height, width), arrays, user=user, bucket=f"{height}x{width}")

    def load_latents_from_disk(self, npz_path, bucket_reso):
        self.finish()
        key = self._key(npz_path, bucket_reso)
        if key not in self._opened():
            self._store = None  # another process may have finished a shard since
        store = self._opened()
        if key not in store:
            raise MissingComponent(f"{key} is not in {self.store_folder}: was its process stopped before?")
        item = store.item(key)
        about = json.loads(item.facts.user)
        arrays: list[np.ndarray | None] = [
            store.get(key, name, "f32") if name in item.arrays else None for name in (LATENTS, FLIPPED, MASK)
        ]
        latents, flipped, mask = arrays
        return latents, about["original_size"], about["crop_ltrb"], flipped, mask

    def finish(self) -> None:
        """Makes what this process has cached visible; asking and loading do it by themselves."""
        if self._writer is not None:
            self._writer.close()
            self._writer = self._store = None

    # ---- the store ----

    def _key(self, npz_path, bucket_reso) -> str:
        """bucket_reso: (width, height) in pixels."""
        stride = getattr(self, "latents_stride", 8)
        return self._named(npz_path, bucket_reso[1] // stride, bucket_reso[0] // stride)

    def _named(self, npz_path, height: int, width: int) -> str:
        path = os.path.relpath(npz_path, self.store_folder.parent)
        return f"{Path(path).with_suffix('').as_posix()} {height}x{width}"

    def _opened(self) -> LatentStore:
        if self._store is None:
            self.store_folder.mkdir(parents=True, exist_ok=True)
            self._store = LatentStore(self.store_folder)
        return self._store

    def _opened_writer(self):
        if self._writer is None:
            rank = os.environ.get("RANK", "0")
            self._writer = LatentStore.writer(
                self.store_folder, rank=rank, resume=True, replace=True, **self.store_options
            )
        return self._writer


def with_store(strategy: type, folder: str | Path, **options: Any) -> type:
    """A strategy of sd-scripts that keeps its latents in a store. options: those of LatentStore.writer()."""
    places = {"store_folder": Path(folder).absolute(), "store_options": options}
    return type(f"Stored{strategy.__name__}", (StoreCaching, strategy), places)
