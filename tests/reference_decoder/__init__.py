"""A second decoder of .vrs files, in plain Python, that follows docs/format.md and shares no code with the library.

It is slow and meant to be read: a file for each chapter of the document. It decodes everything but the neural network:
latents to the end, residual streams to the difference of two pictures, pictures to the latent that the network takes.
Tests hold its results against the library's.
"""

from dataclasses import dataclass

from .arithmetic import Float32, Int16
from .chain import Decoded, Item, decode_stream
from .coders.prior import Priors
from .container import SIXTEEN_BIT, File, read_container
from .numbers import ChecksumError, FormatError
from .rules import DIFFERENCE, IMAGE, PLANES
from .systems.subbands import plain_subbands

__all__ = ["ChecksumError", "DecodedFile", "FormatError", "Priors", "decode"]


@dataclass
class DecodedFile:
    container: File
    base: Decoded
    residual: Decoded | None  # its values are source − base picture, (H, W, 3) i16
    alpha: Decoded | None  # (H, W, 1)


def decode(data: bytes, priors: Priors) -> DecodedFile:
    """Raises FormatError, or its kind ChecksumError for a file that is damaged."""
    file = read_container(data)
    shape = file.source_shape
    deep = bool(file.source_bits & SIXTEEN_BIT)
    source = Item(PLANES, shape, Float32, plain_subbands(*shape)) if file.is_latent else Item(IMAGE, shape, Float32, [])
    base = decode_stream(file.base, source, priors, deep)
    difference = Item(DIFFERENCE, shape, Int16, [])
    residual = decode_stream(file.residual, difference, priors) if file.residual else None
    over = Item(IMAGE, (*shape[:2], 1), Float32, [])
    alpha = decode_stream(file.alpha, over, priors, deep) if file.alpha else None
    return DecodedFile(file, base, residual, alpha)
