"""ICC profile, EXIF and XMP of pictures that are written: what their format holds, and what is said of the rest."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..metadata import info_of
from ..pictures import EXIF_PREFIX, Metadata

LABELS = {"icc": "ICC profile", "exif": "EXIF", "xmp": "XMP"}
_MOST_IN_JPEG = {"icc": 255 * (65533 - 14), "exif": 65533 - 6, "xmp": 65533 - 29}  # bytes that its segments hold
# Fields of EXIF that are about a picture, not about how a file lays it out (TIFF 6.0, EXIF 2.32): description, maker,
# model, resolution and its unit, software, date, artist, copyright, and the directories of EXIF and GPS.
_FIELDS_IN_TIFF = (270, 271, 272, 282, 283, 296, 305, 306, 315, 33432, 34665, 34853)
_XMP_IN_TIFF = 700


class Kept(NamedTuple):
    """What Pillow's save() takes of it, which kinds these are, and which the format does not hold."""

    options: dict[str, Any]
    kept: list[str]
    dropped: list[str]
    suffix: str

    def kept_text(self) -> str:
        return f"  with {', '.join(self.kept)}" if self.kept else ""

    def dropped_text(self) -> str:
        return f"  without {', '.join(self.dropped)}, which {self.suffix} does not hold" if self.dropped else ""

    def data(self) -> dict[str, list[str]]:
        named = {"kept": self.kept, "dropped": self.dropped}
        return {name: kinds for name, kinds in named.items() if kinds}


def kept_of(metadata: Metadata, suffix: str, kinds: str) -> Kept:
    """`kinds`: those that the format of this suffix holds, such as "icc exif"."""
    lower, there = suffix.lower(), {kind: value for kind, value in metadata._asdict().items() if value}
    held = {kind: value for kind, value in there.items() if kind in kinds.split() and _fits(kind, value, lower)}
    options = _OPTIONS.get(lower, _usual_options)(held)
    kept = [LABELS[kind] for kind in there if kind in held]
    return Kept(options, kept, [LABELS[kind] for kind in there if kind not in held], suffix)


def _fits(kind: str, value: bytes, lower: str) -> bool:
    if lower in (".jpg", ".jpeg"):
        return len(value) <= _MOST_IN_JPEG[kind]
    if lower == ".png" and kind == "xmp":
        return _as_text(value) is not None
    return kind != "exif" or lower not in (".tif", ".tiff") or _in_tiff(value) is not None


def _usual_options(held: dict[str, bytes]) -> dict[str, Any]:
    return info_of(Metadata(**held))


def _png_options(held: dict[str, bytes]) -> dict[str, Any]:
    from PIL.PngImagePlugin import PngInfo

    options, packet = _usual_options(held), _as_text(held.get("xmp", b""))
    options.pop("xmp", None)
    if packet:
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", packet)
    return options


def _tiff_options(held: dict[str, bytes]) -> dict[str, Any]:
    fields = _in_tiff(held.get("exif", b""))
    if "xmp" in held:
        fields[_XMP_IN_TIFF] = held["xmp"]
    return _usual_options({kind: value for kind, value in held.items() if kind == "icc"}) | {"exif": fields}


_OPTIONS = {".png": _png_options, ".tif": _tiff_options, ".tiff": _tiff_options}


def _as_text(packet: bytes) -> str | None:
    try:
        return packet.decode()
    except UnicodeDecodeError:
        return None


def _in_tiff(exif: bytes) -> Any:
    """The fields that may stand in the directory of a TIFF file, as Pillow takes them; None where they are damaged."""
    from PIL import Image

    fields = Image.Exif()
    try:
        if exif:
            fields.load(EXIF_PREFIX + exif)
            for tag in (34665, 34853):
                fields.get_ifd(tag)  # before its place goes with the others
        for tag in set(fields) - set(_FIELDS_IN_TIFF):
            del fields[tag]
    except (SyntaxError, ValueError, KeyError, TypeError, OSError, EOFError):
        return None
    return fields
