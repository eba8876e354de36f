"""Pictures turned upright: their pixels, and of what is said of them the orientation alone, which becomes 1.

Pillow would write EXIF anew, without thumbnails and with maker notes at another place, where they cannot be read.
"""

from __future__ import annotations

import struct
from typing import Any

TAG, SHORT = 0x0112, 3
IN_XMP = (b'tiff:Orientation="', b"tiff:Orientation='", b"tiff:Orientation>")
SAID = ("exif", "xmp", "XML:com.adobe.xmp")  # as Pillow names what may say it
EXIF_PREFIX = b"Exif\0\0"


def loaded_upright(image: Any) -> Any:
    """A copy of an opened image of Pillow that is loaded and upright, with its EXIF and XMP byte by byte but for it."""
    before = {name: image.info[name] for name in SAID if name in image.info}
    if image.format == "TIFF":  # which says it in a field of its own, 1 if nothing else; Pillow would ask XMP, too
        image.info.pop("xmp", None)
    image.load()  # which turns TIFFs already
    said = {name: image.info[name] for name in SAID if name in image.info} | before
    turn = _turns().get(_orientation(image, said))
    upright = image.copy() if turn is None else image.transpose(turn)
    upright.info.update({name: _with_1(name, value) for name, value in said.items()})
    return upright


def _turns() -> dict[int, Any]:
    from PIL.Image import Transpose as T

    turns = (T.FLIP_LEFT_RIGHT, T.ROTATE_180, T.FLIP_TOP_BOTTOM, T.TRANSPOSE, T.ROTATE_270, T.TRANSVERSE, T.ROTATE_90)
    return dict(enumerate(turns, 2))


def _orientation(image: Any, said: dict[str, Any]) -> int:
    found = image.getexif().get(TAG)
    if found is None and image.format != "TIFF":  # Pillow does not find it in XMP with other quotes
        packet = said.get("xmp") or said.get("XML:com.adobe.xmp") or b""
        packet = packet.encode() if isinstance(packet, str) else packet
        at = xmp_orientation_at(packet)
        found = int(packet[at : at + 1]) if at else None
    return found if isinstance(found, int) else 1


def _with_1(name: str, value: Any) -> Any:
    if name == "exif":
        return exif_upright(bytes(value))
    return xmp_upright(value.encode()).decode() if isinstance(value, str) else xmp_upright(bytes(value))


def exif_upright(exif: bytes) -> bytes:
    """The block, which may begin with "Exif", with an orientation of 1 where it has one."""
    block = exif.removeprefix(EXIF_PREFIX)
    at = exif_orientation_at(block)
    if not at:
        return exif
    one = struct.pack(">H" if block[:1] == b"M" else "<H", 1)
    return exif[: len(exif) - len(block)] + block[:at] + one + block[at + 2 :]


def xmp_upright(packet: bytes) -> bytes:
    at = xmp_orientation_at(packet)
    return packet[:at] + b"1" + packet[at + 1 :] if at else packet


def exif_orientation_at(exif: bytes) -> int:
    """Where it stands, by the rules of src/image_io/formats/orientation.cpp; 0 where nothing is said."""
    order = {b"MM": ">", b"II": "<"}.get(exif[:2])
    if order is None:
        return 0
    try:
        (directory,) = struct.unpack_from(order + "I", exif, 4)
        for i in range(struct.unpack_from(order + "H", exif, directory)[0]):
            entry = directory + 2 + 12 * i
            tag, kind, _, value = struct.unpack_from(order + "HHIH", exif, entry)
            if (tag, kind) == (TAG, SHORT):
                return entry + 8 if 1 <= value <= 8 else 0
    except struct.error:  # it ends too early
        pass
    return 0


def xmp_orientation_at(packet: bytes) -> int:
    """Where its digit stands; 0 where nothing is said."""
    for tag in IN_XMP:
        at = packet.find(tag) + len(tag)
        if at >= len(tag) and packet[at : at + 1] in (b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8"):
            return at
    return 0
