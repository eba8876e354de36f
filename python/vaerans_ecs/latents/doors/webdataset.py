"""WebDataset: latents as `.vlb` entries of tar files.

    sink.write({"__key__": "000001", "vlb": encode_blob(latent)})  # webdataset.TarWriter
    webdataset.WebDataset(url).decode(blob_decoder())

An entry's name may say what it is: `latent.vlb` and `t5.vlb` of one sample are two arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .._numbers import type_of
from ..blobs import decode_blob

EXTENSION = "vlb"


def blob_decoder(dtype: Any = "f16", extension: str = EXTENSION) -> Callable[[str, bytes], np.ndarray | None]:
    """A handler for WebDataset.decode(): entries whose name ends with the extension become arrays.

    dtype: what they come as; None leaves each its own.
    """
    kind = None if dtype is None else type_of(dtype)

    def decode(key: str, data: bytes) -> np.ndarray | None:
        """None: another handler's matter."""
        return decode_blob(data, kind) if key.rpartition(".")[2] == extension else None

    return decode
