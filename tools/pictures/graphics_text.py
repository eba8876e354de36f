"""Words and letters for graphics.py."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont
SYLLABLES = [
    "ba",
    "be",
    "ci",
    "co",
    "da",
    "de",
    "er",
    "es",
    "fa",
    "go",
    "ha",
    "in",
    "ka",
    "la",
    "lo",
    "me",
    "mi",
    "na",
    "no",
    "or",
    "pa",
    "re",
    "ri",
    "sa",
    "se",
    "ta",
    "te",
    "to",
    "un",
    "va",
    "ve",
    "wi",
]
SIGNS = ("=", "+", "->", "()", "{", "}", "==", "[0]", ";", "//", "return", "if", "for", "const", "auto")


@cache
def font(name: str, size: int) -> Font:
    """One of matplotlib's fonts."""
    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), size)


class Words:
    """Seeded nonsense that looks like a language: some words come often."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self.known = ["".join(random.choice(SYLLABLES, size=int(random.integers(1, 5)))) for _ in range(600)]

    def word(self) -> str:
        return self.known[min(int(self.random.exponential(90)), len(self.known) - 1)]

    def text(self, count: int) -> str:
        words = [self.word() for _ in range(count)]
        words[0] = words[0].title()
        return " ".join(w + "," if self.random.random() < 0.08 else w for w in words) + "."

    def title(self, count: int) -> str:
        return " ".join(self.word().title() for _ in range(count))

    def name(self) -> str:
        return f"{self.word()}_{self.word()}.{self.word()[:3]}"

    def code(self) -> str:
        return str(self.random.choice(SIGNS)) if self.random.random() < 0.4 else self.word()


def paragraph(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], text: str, face: Font, fill: Any) -> int:
    """Text broken into lines within a box (left, top, right, bottom); gives the y below it."""
    left, y, right, bottom = box
    line = ""
    for word in [*text.split(), ""]:
        wider = f"{line} {word}".strip()
        if word and draw.textlength(wider, font=face) <= right - left:
            line = wider
            continue
        if y + 1.4 * face.size > bottom:
            return bottom
        draw.text((left, y), line, font=face, fill=fill)
        y, line = int(y + 1.45 * face.size), word
    return y


def subpixel_text(picture: Image.Image, at: tuple[int, int], text: str, face: Font, fill: tuple[int, int, int]) -> None:
    """Letters three times as wide, smoothed along the rows and spread over red, green and blue."""
    x, y = at
    mask = letters(text, face)
    h, w = mask.shape[:2]
    h, w = min(h, picture.height - y), min(w, picture.width - x)
    if h <= 0 or w <= 0:
        return
    ground = np.asarray(picture.crop((x, y, x + w, y + h)), np.int64)
    part = mask[:h, :w]
    mixed = (ground * (255 - part) + np.asarray(fill) * part + 127) // 255
    picture.paste(Image.fromarray(mixed.astype(np.uint8)), at)


@cache
def letters(text: str, face: Font) -> np.ndarray:
    """(h, w, 3) of how much of each pixel's red, green and blue the text covers, 0 … 255."""
    width, height = int(face.getlength(text)) + 4, int(face.size * 1.4)
    large = Image.new("L", (3 * width, 3 * height), 0)
    ImageDraw.Draw(large).text((3, 0), text, font=font_three_times(face), fill=255)
    wide = np.asarray(large.resize((3 * width, height), Image.Resampling.BOX), np.int64)
    around = np.pad(wide, ((0, 0), (1, 1)))
    return ((around[:, :-2] + around[:, 1:-1] + around[:, 2:]) // 3).reshape(height, width, 3)


@cache
def font_three_times(face: Font) -> Font:
    return ImageFont.truetype(str(face.path), 3 * int(face.size))
