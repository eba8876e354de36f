"""ICC, EXIF and XMP in .vrs files: read, replaced, and taken from pictures that compress() is given."""

from __future__ import annotations

import os
from typing import Any

from . import _vaerans
from ._reading import read_bytes
from .core.context import Context, given_context
from .errors import BadParameter
from .pictures import (
    EXIF_PREFIX,
    DeepImage,
    Metadata,
    in_srgb,
    is_file,
    made_or_error,
    metadata_of,
    open_image,
    plain_exif,
    shown,
)
from .pictures.kinds import Given, as_deep


def file_metadata(data: Any, context: Context | None = None) -> Metadata:
    """What a .vrs file says of its picture besides the pixels: (icc, exif, xmp), b"" for what it does not say.

    `data` as for decompress(). Raises CorruptStream and what file_info() raises.
    """
    return Metadata(*_vaerans.file_metadata(read_bytes(data), given_context(context)))


def with_metadata(
    data: Any,
    *,
    icc: bytes | None = None,
    exif: bytes | None = None,
    xmp: bytes | None = None,
    context: Context | None = None,
) -> bytes:
    """A .vrs file with this metadata in the place of its own; None leaves a kind out. The pixels do not change.

    Raises CorruptStream and what file_info() raises.
    """
    return _vaerans.with_metadata(read_bytes(data), _given(icc, exif, xmp), given_context(context))


def info_of(said: Metadata) -> dict[Any, Any]:
    """Metadata as Pillow has it in `info` and takes it in save(): what is said, by its names."""
    named = {"icc_profile": said.icc, "exif": said.exif and EXIF_PREFIX + said.exif, "xmp": said.xmp}
    return {name: value for name, value in named.items() if value}


def taken(images: list[Any], strip: bool, icc: Any, exif: Any, xmp: Any) -> tuple[list[Any], list[Metadata]]:
    """Pictures as the native module takes them, and the metadata of each: what is given, else its own.

    In the place of one that cannot be had stands the error.
    """
    given = _given(icc, exif, xmp)
    if any(given) and len(images) != 1:
        raise BadParameter("icc, exif and xmp are those of one picture; for several call with_metadata() on each file")
    paths = [shown(image) if isinstance(image, str | os.PathLike) else "" for image in images]
    images = [made_or_error(_in_srgb if strip else _opened, image) for image in images]
    owns = [Metadata() if strip else made_or_error(_own_metadata, image) for image in images]
    pictures = [
        own if isinstance(own, Exception) else _as_given(image, path)
        for image, own, path in zip(images, owns, paths, strict=True)
    ]
    said = [given if isinstance(own, Exception) else _either(given, own) for own in owns]
    return pictures, said


def _as_given(image: Any, path: str) -> Any:
    return Given(image, path) if isinstance(image, DeepImage) or hasattr(image, "getbands") else image


def _either(given: Metadata, own: Metadata) -> Metadata:
    return Metadata(*(mine or theirs for mine, theirs in zip(given, own, strict=True)))


def _given(icc: Any, exif: Any, xmp: Any) -> Metadata:
    for name, value in (("icc", icc), ("exif", exif), ("xmp", xmp)):
        if value is not None and not isinstance(value, bytes | bytearray | memoryview):
            raise BadParameter(f"{name} is bytes, not {type(value).__name__}")
    return Metadata(bytes(icc or b""), plain_exif(bytes(exif or b"")), bytes(xmp or b""))


def _opened(image: Any) -> Any:
    return open_image(image, keep=True) if is_file(image) else as_deep(image)


def _in_srgb(image: Any) -> Any:
    if is_file(image):
        return open_image(image)
    return in_srgb(as_deep(image), "the image") if hasattr(image, "getbands") else image


def _own_metadata(image: Any) -> Metadata:
    return metadata_of(image) if isinstance(image, DeepImage) or hasattr(image, "getbands") else Metadata()
