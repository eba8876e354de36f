"""Images of Pillow as arrays of their own kind, or of RGB, as far as nothing is lost by it."""

from __future__ import annotations

from typing import Any

from ..errors import ImageUnreadable, ImageUnsupported, VaeransError
from .colours import deep_to_srgb
from .deep import DeepImage, deep_image

GREY_OR_PALETTE = ("1", "L", "P", "RGBX")
WITH_ALPHA = ("LA", "PA", "RGBA")


def array_of(image: Any) -> Any:
    """The array of an image of Pillow of a mode that is one. Raises ImageUnsupported: inks and hues are no colours."""
    import numpy as np

    return np.asarray(plain(as_own_kind(image)))


def plain(image: Any, more: tuple[str, ...] = ()) -> Any:
    if isinstance(image, DeepImage) or image.mode in ("L", "LA", "RGB", "RGBA", *more):
        return image
    raise ImageUnsupported(
        f"a PIL image of mode {image.mode}; vaerans takes L, LA, RGB, RGBA and I;16: img.convert('RGB')"
    )


def as_rgb(image: Any) -> Any:
    """The image in mode RGB if that loses nothing, in RGBA if something shows through, else the image itself."""
    if isinstance(image, Given):
        return image.of_colours()
    image = as_deep(image)
    if isinstance(image, DeepImage):
        return image
    if image.mode in (*GREY_OR_PALETTE, "RGB") and not shows_through(image):
        return image if image.mode == "RGB" else image.convert("RGB")
    if image.mode not in (*GREY_OR_PALETTE, *WITH_ALPHA, "RGB"):
        return image
    image = image if image.mode == "RGBA" else image.convert("RGBA")
    return image.convert("RGB") if image.getchannel("A").getextrema() == (255, 255) else image


def as_own_kind(image: Any) -> Any:
    """The image in the mode of L, LA, RGB, RGBA and I;16 that holds just what it holds, else the image itself.

    Of 16 bits a DeepImage: Pillow has none of more than one channel.
    """
    if isinstance(image, Given):
        return image.of_its_kind()
    image = as_deep(image)
    if isinstance(image, DeepImage):
        return image
    clear = shows_through(image)
    if image.mode in ("1", "L"):
        return (
            image.convert("L").convert("LA") if clear and image.mode == "1" else image.convert("LA" if clear else "L")
        )
    if image.mode in ("P", "PA", "RGB", "RGBX"):
        return image.convert("RGBA" if clear or image.mode == "PA" else "RGB")
    return image


def shows_through(image: Any) -> bool:
    """Whether an image of Pillow has alpha that is no channel: a clear colour, or a palette of colours with alpha."""
    palette = image.palette if image.mode == "P" else None
    return "transparency" in image.info or (palette is not None and palette.mode.endswith("A"))


def from_greys(image: Any) -> Any:
    """Grey where the colours of a palette are greys, all of them."""
    import numpy as np

    if image.mode != "P" or shows_through(image):
        return image
    colors = np.reshape(image.getpalette(), (-1, 3))
    return image.convert("L") if (colors == colors[:, :1]).all() else image


class Given:
    """An image that is to be compressed: where RGB alone is taken others are refused, as arrays are, not made RGB.

    To the native module it is an image of Pillow, which it asks for as_own_kind() or as_rgb().
    """

    def __init__(self, image: Any, name: str = ""):
        self.image, self.name = image, name

    @property
    def mode(self) -> str:
        return str(self.image.mode)

    def getbands(self) -> tuple[str, ...]:
        return (self.mode,)

    def of_its_kind(self) -> Any:
        try:
            return as_own_kind(self.image)
        except (VaeransError, MemoryError):
            raise
        except Exception as error:  # decoders raise all sorts of them for damaged files
            raise ImageUnreadable(f"no array can be made of this {type(self.image).__name__}: {error}") from error

    def of_colours(self) -> Any:
        image = self.of_its_kind()
        if isinstance(image, DeepImage) or image.mode in ("L", "LA"):
            raise ImageUnsupported(f"{self.name}: {_unfit(image)}" if self.name else _unfit(image))
        return image


def _unfit(image: Any) -> str:
    """In the words of src/image_io/to_rgb.cpp."""
    deep = isinstance(image, DeepImage)
    channels = (*image.samples.shape, 1)[2] if deep else len(image.mode)
    kind = ("16-bit " if deep else "") + ("grey" if channels < 3 else "colour") + " picture"
    text = f"a {kind}{' with alpha' if channels in (2, 4) else ''}; a model takes 8-bit RGB, and so does a residual "
    text += "stream. Leave these out, or convert it: `vaerans compress --convert`"
    # Pillow clips 16-bit samples instead of scaling them: no advice for those.
    return text if deep else text + ", or img.convert('RGB') with Pillow"


def as_deep(image: Any) -> Any:
    """A DeepImage in sRGB of an image of Pillow of 16 bits, or whose file has them; others as they are."""
    if isinstance(image, DeepImage) or not hasattr(image, "getbands"):
        return image
    deep = deep_image(image)
    return image if deep is None else deep_to_srgb(deep)
