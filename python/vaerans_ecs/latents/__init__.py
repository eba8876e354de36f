"""The conditioning store: latents and text embeddings at a fraction of their size, by key (docs/latents.md)."""

from .blobs import BlobInfo, blob_info, decode_blob, encode_blob

__all__ = ["BlobInfo", "blob_info", "decode_blob", "encode_blob"]
