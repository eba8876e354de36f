"""MosaicML Streaming: latents as a column of MDS shards.

    register()  # in each process that writes or reads
    MDSWriter(out="mds", columns={"key": "str", "latent": "vaerans:rmse=0.02"})

Behind the colon stand targets of encode_blob() and `dtype`, the type that reading gives (f16 unless said otherwise),
with commas between them. The shards' index names the column's encoding, so a reader needs no options.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from streaming.base.format.mds import encodings

from ...errors import BadParameter
from .._numbers import type_of
from ..blobs import decode_blob, encode_blob, target_of

NAME = "vaerans"


class BlobEncoding(encodings.Encoding):
    """One array as a blob."""

    def __init__(self, dtype: str = "f16", **options: Any) -> None:
        target_of(**{name: value for name, value in options.items() if name != "channel_axis"})
        self.dtype, self.options = type_of(dtype), options

    @classmethod
    def from_str(cls, config: str) -> BlobEncoding:
        """The encoding by what stands behind its colon."""
        return cls(**dict(map(_option, filter(None, config.split(",")))))

    def encode(self, obj: Any) -> bytes:
        return encode_blob(obj, **self.options)

    def decode(self, data: bytes) -> np.ndarray:
        return decode_blob(data, self.dtype)


def _option(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if name == "lossless" and not equals:
        return name, True
    try:
        return name, value if name == "dtype" else int(value) if name == "channel_axis" else float(value)
    except ValueError:
        raise BadParameter(f"{text}: an option has to look like rmse=0.02") from None


def register() -> None:
    """Makes the encoding known to this process; twice does no harm."""
    encodings._encodings[NAME] = BlobEncoding
