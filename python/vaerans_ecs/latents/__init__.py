"""The conditioning store: latents and text embeddings at a fraction of their size, by key (docs/latents.md)."""

from .blobs import BlobInfo, blob_info, decode_blob, encode_blob
from .store import LatentStore, LatentWriter, ShardInfo, StoreDamage, StoreItem, compact, salvage

__all__ = [
    "BlobInfo",
    "LatentStore",
    "LatentWriter",
    "ShardInfo",
    "StoreDamage",
    "StoreItem",
    "blob_info",
    "compact",
    "decode_blob",
    "encode_blob",
    "salvage",
]
