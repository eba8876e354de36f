"""The conditioning store: latents and text embeddings at a fraction of their size, by key (docs/latents.md)."""

from .blobs import BlobInfo, blob_info, decode_blob, encode_blob
from .convert import Conversion, cache_to_store, store_to_cache
from .store import LatentStore, ShardInfo, StoreDamage, StoreItem, compact, salvage
from .writer import LatentWriter

__all__ = [
    "BlobInfo",
    "Conversion",
    "LatentStore",
    "LatentWriter",
    "ShardInfo",
    "StoreDamage",
    "StoreItem",
    "blob_info",
    "cache_to_store",
    "compact",
    "decode_blob",
    "encode_blob",
    "salvage",
    "store_to_cache",
]
