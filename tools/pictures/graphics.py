"""Draws graphics to measure lossless coders on: pages, editors, terminals, user interfaces, plots, maps, pixel art.

    python tools/pictures/graphics.py FOLDER [--seed report|tune]

Deterministic for a seed and the pinned Pillow and matplotlib, whose fonts (DejaVu) are used. `tune` is for looking at
while a coder is built, `report` for what is published: nothing may be tuned on it. Free for any use (CC0 1.0).
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
from graphics_text import Words, font, paragraph, subpixel_text
from PIL import Image, ImageDraw, ImageFilter

mpl.use("Agg")
from matplotlib import pyplot

Picture = Image.Image
Random = np.random.Generator
SEEDS = {"tune": 1, "report": 2}
PHOTO = Path(__file__).resolve().parents[2] / "examples" / "pictures" / "lake.png"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", choices=sorted(SEEDS), default="report")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, picture in graphics(options.seed).items():
        picture.save(options.folder / f"{name}.png")
    return 0


def graphics(seed: str) -> dict[str, Picture]:
    """{name: RGB picture} of a set, each drawn with random numbers of its own."""
    out = {}
    for number, (name, draw) in enumerate(KINDS.items()):
        out[name] = draw(np.random.default_rng([SEEDS[seed], number])).convert("RGB")
    return out


def page(random: Random) -> Picture:
    """A printed page, black on white, smoothed."""
    picture = Image.new("RGB", (1240, 1754), "white")
    draw, words = ImageDraw.Draw(picture), Words(random)
    draw.text((130, 120), words.title(5), font=font("DejaVuSerif-Bold", 40), fill="black")
    y = 220
    while y < 1600:
        y = paragraph(draw, (130, y, 1110, 1640), words.text(70), font("DejaVuSerif", 21), "black") + 26
    return picture


def editor(random: Random) -> Picture:
    """Source code on a dark ground, with subpixel smoothing as screens have it."""
    picture = Image.new("RGB", (1920, 1080), (30, 30, 46))
    draw, words = ImageDraw.Draw(picture), Words(random)
    colors = [(205, 214, 244), (137, 180, 250), (203, 166, 247), (166, 227, 161), (108, 112, 134)]
    draw.rectangle((0, 0, 300, 1080), fill=(24, 24, 37))
    mono, sans = font("DejaVuSansMono", 15), font("DejaVuSans", 14)
    for row in range(38):
        subpixel_text(picture, (24 + 16 * int(random.integers(3)), 30 + 27 * row), words.name(), sans, colors[0])
    for row in range(52):
        x, indent = 370, 4 * int(random.integers(4))
        subpixel_text(picture, (318, 18 + 20 * row), f"{row + 117:4d}", mono, colors[4])
        for _ in range(int(random.integers(9))):
            word = words.code()
            subpixel_text(picture, (x + 9 * indent, 18 + 20 * row), word, mono, colors[int(random.integers(5))])
            x += 9 * (len(word) + 1)
    return picture


def terminal(random: Random) -> Picture:
    """Text without smoothing, in a few colours."""
    picture = Image.new("RGB", (1024, 768), "black")
    draw, words, mono = ImageDraw.Draw(picture), Words(random), font("DejaVuSansMono", 13)
    draw.fontmode = "1"
    for row in range(46):
        x = 6
        for _ in range(int(random.integers(4, 12))):
            color = ["#c0c0c0", "#c0c0c0", "#00c000", "#5c5cff", "#e5e500"][int(random.integers(5))]
            word = words.code()
            draw.text((x, 5 + 16 * row), word, font=mono, fill=color)
            x += 8 * (len(word) + 1)
    return picture


def interface(random: Random) -> Picture:
    """Overlapping windows with shadows, tool bars, buttons and lists on a gradient."""
    picture = gradient((1600, 900), (38, 70, 110), (120, 160, 190))
    words = Words(random)
    for _ in range(4):
        w, h = int(random.integers(480, 900)), int(random.integers(320, 600))
        window(picture, int(random.integers(1580 - w)), int(random.integers(880 - h)), w, h, words, random)
    ImageDraw.Draw(picture).rectangle((0, 864, 1600, 900), fill=(28, 30, 34))
    return picture


def window(picture: Picture, x: int, y: int, w: int, h: int, words: Words, random: Random) -> None:
    shadow = Image.new("L", picture.size, 0)
    ImageDraw.Draw(shadow).rectangle((x, y + 6, x + w, y + h + 6), fill=110)
    picture.paste((0, 0, 0), mask=shadow.filter(ImageFilter.GaussianBlur(9)))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((x, y, x + w, y + h), 8, fill=(246, 246, 248), outline=(150, 150, 155))
    picture.paste(gradient((w - 1, 28), (235, 235, 240), (205, 205, 212)), (x + 1, y + 6))
    draw.text((x + w // 2, y + 20), words.title(3), font=font("DejaVuSans", 14), fill=(40, 40, 40), anchor="mm")
    for k in range((w - 40) // 92):
        button(draw, x + 16 + 92 * k, y + 46, words.word().title(), random)
    for row in range((h - 100) // 24):
        top = y + 86 + 24 * row
        draw.rectangle((x + 12, top, x + w - 12, top + 23), fill=("white", (236, 241, 250))[row % 2])
        draw.text((x + 22, top + 4), words.text(6)[: w // 10], font=font("DejaVuSans", 13), fill=(25, 25, 25))


def button(draw: ImageDraw.ImageDraw, x: int, y: int, text: str, random: Random) -> None:
    fill = [(66, 133, 244), (228, 230, 235), (228, 230, 235), (52, 168, 83)][int(random.integers(4))]
    draw.rounded_rectangle((x, y, x + 84, y + 26), 6, fill=fill, outline=(140, 146, 158))
    draw.text(
        (x + 42, y + 13), text[:9], font=font("DejaVuSans", 12), fill="white" if fill[0] < 100 else "black", anchor="mm"
    )


def lines(random: Random) -> Picture:
    """A plot of curves with axes, a grid and a legend."""
    figure, axes = pyplot.subplots(2, 2, figsize=(12, 9), dpi=100)
    for part in axes.flat:
        for k in range(4):
            part.plot(np.cumsum(random.normal(size=400)) + 8 * k, label=f"run {k + 1}", linewidth=1.4)
        part.set(title=Words(random).title(3), xlabel="step", ylabel="value")
        part.grid(alpha=0.4)
        part.legend()
    return plotted(figure)


def heat(random: Random) -> Picture:
    """A field in false colours, contours, bars and points."""
    figure, axes = pyplot.subplots(2, 2, figsize=(10, 8), dpi=100)
    field = np.cumsum(np.cumsum(random.normal(size=(60, 60)), 0), 1)
    figure.colorbar(axes[0, 0].imshow(field, cmap="viridis", interpolation="nearest"))
    axes[0, 1].contourf(field, levels=12, cmap="coolwarm")
    axes[1, 0].bar(range(24), random.gamma(3, size=24), color="tab:orange", edgecolor="black")
    axes[1, 1].scatter(*random.normal(size=(2, 500)), s=14, alpha=0.5)
    return plotted(figure)


def plotted(figure: pyplot.Figure) -> Picture:
    out = io.BytesIO()
    figure.tight_layout()
    figure.savefig(out, format="png")
    pyplot.close(figure)
    return Image.open(out)


def drawing(random: Random) -> Picture:
    """A technical drawing: thin lines, circles and numbers, not smoothed."""
    picture = Image.new("RGB", (2000, 1500), "white")
    draw = ImageDraw.Draw(picture)
    draw.fontmode = "1"
    for _ in range(130):
        x, y = (int(v) for v in random.integers((40, 40), (1900, 1400)))
        r = int(random.integers(8, 160))
        shape = int(random.integers(3))
        if shape == 0:
            draw.ellipse((x - r, y - r, x + r, y + r), outline="black")
        elif shape == 1:
            draw.rectangle((x, y, x + 2 * r, y + r), outline="black", width=2)
        else:
            draw.line((x, y, *(int(v) for v in random.integers((40, 40), (1900, 1400)))), fill=(0, 0, 160))
        draw.text((x, y), f"{r / 10:.1f}", font=font("DejaVuSans", 15), fill=(160, 0, 0))
    return picture


def sprites(random: Random) -> Picture:
    """Pixel art: a map of small tiles with creatures on it, every pixel twice as large."""
    palette = random.integers(0, 256, (16, 3), dtype=np.uint8)
    tiles = random.choice(4, p=[0.7, 0.15, 0.1, 0.05], size=(6, 16, 16)) + 3 * np.arange(6)[:, None, None] % 13
    ground = (
        tiles[random.choice(6, p=[0.5, 0.2, 0.1, 0.1, 0.05, 0.05], size=(20, 30))]
        .transpose(0, 2, 1, 3)
        .reshape(320, 480)
    )
    for _ in range(40):
        half = random.choice(16, p=[0.4] + [0.04] * 15, size=(12, 6))
        body = np.hstack([half, half[:, ::-1]])
        y, x = (int(v) for v in random.integers((0, 0), (308, 468)))
        ground[y : y + 12, x : x + 12] = np.where(body == 0, ground[y : y + 12, x : x + 12], body)
    return Image.fromarray(palette[ground].repeat(2, 0).repeat(2, 1))


def dithered(random: Random) -> Picture:
    """A photo in 64 colours of its own, dithered, as old formats needed it."""
    return photo(random, (640, 400)).quantize(64, dither=Image.Dither.FLOYDSTEINBERG).convert("RGB")


def website(random: Random) -> Picture:
    """A page of the web: heading, columns of smoothed text, photos, buttons."""
    picture = Image.new("RGB", (1366, 1800), "white")
    draw, words = ImageDraw.Draw(picture), Words(random)
    picture.paste(gradient((1366, 70), (20, 30, 60), (40, 60, 120)), (0, 0))
    draw.text((60, 20), words.title(2), font=font("DejaVuSans-Bold", 26), fill="white")
    for k in range(5):
        draw.text((600 + 140 * k, 26), words.word().title(), font=font("DejaVuSans", 16), fill=(220, 226, 240))
    for k in range(3):
        x = 60 + 430 * k
        picture.paste(photo(random, (390, 260)), (x, 110))
        draw.text((x, 385), words.title(4), font=font("DejaVuSans-Bold", 19), fill=(20, 20, 20))
        paragraph(draw, (x, 420, x + 390, 640), words.text(60), font("DejaVuSans", 15), (60, 60, 60))
    picture.paste(photo(random, (560, 370)), (746, 680))
    y = 680
    while y < 1680:
        right = 700 if y < 1060 else 1306
        y = paragraph(draw, (60, y, right, 1700), words.text(80), font("DejaVuSerif", 17), (30, 30, 30)) + 24
    return picture


def chart_map(random: Random) -> Picture:
    """A map: patches of flat colour with smoothed borders, roads and names."""
    size, times = (1500, 1200), 2
    centers = random.integers(0, (size[0] * times, size[1] * times), (60, 2))
    x, y = np.meshgrid(np.arange(size[0] * times), np.arange(size[1] * times))
    nearest = np.full(x.shape, np.inf, np.float32)
    patch = np.zeros(x.shape, np.uint8)
    bend = 40 * np.sin(x / 97.0) + 40 * np.cos(y / 83.0)
    for k, (cx, cy) in enumerate(centers):
        far = np.hypot(x - cx + bend, y - cy - bend)
        patch[far < nearest] = k
        nearest = np.minimum(nearest, far)
    colors = random.integers(150, 250, (60, 3), dtype=np.uint8)
    picture = Image.fromarray(colors[patch])
    draw = ImageDraw.Draw(picture)
    for _ in range(25):
        draw.line(
            [tuple(int(v) for v in p) for p in centers[random.integers(60, size=4)]], fill=(255, 240, 180), width=9
        )
    picture = picture.resize(size, Image.Resampling.BOX)
    draw, words = ImageDraw.Draw(picture), Words(random)
    for cx, cy in centers // times:
        draw.text((int(cx), int(cy)), words.name(), font=font("DejaVuSans", 14), fill=(50, 50, 50), anchor="mm")
    return picture


def poster(random: Random) -> Picture:
    """Smooth gradients behind large letters and translucent discs."""
    picture = gradient((1000, 1000), tuple(random.integers(0, 120, 3)), tuple(random.integers(120, 256, 3)))
    for _ in range(7):
        x, y, r = (int(v) for v in random.integers((0, 0, 60), (1000, 1000, 260)))
        mask = Image.new("L", (4000, 1000 * 4), 0)
        ImageDraw.Draw(mask).ellipse((4 * (x - r), 4 * (y - r), 4 * (x + r), 4 * (y + r)), fill=150)
        picture.paste(
            tuple(int(v) for v in random.integers(0, 256, 3)), mask=mask.resize((1000, 1000), Image.Resampling.BOX)
        )
    draw = ImageDraw.Draw(picture)
    draw.text((500, 500), Words(random).title(1), font=font("DejaVuSans-Bold", 150), fill="white", anchor="mm")
    return picture


def desktop(random: Random) -> Picture:
    """A whole screen: a photo behind an editor, a window and a plot."""
    picture = Image.new("RGB", (1920, 1080))
    ground = photo(random, (768, 432)).resize((1920, 1080), Image.Resampling.BICUBIC)
    picture.paste(ground)
    picture.paste(editor(random).crop((0, 0, 1100, 800)), (60, 60))
    picture.paste(lines(random).crop((0, 0, 600, 450)), (1240, 80))
    window(picture, 1000, 480, 760, 500, Words(random), random)
    return picture


def photo(random: Random, size: tuple[int, int]) -> Picture:
    """A part of the shipped landscape, of an own size and exposure."""
    whole = Image.open(PHOTO).convert("RGB")
    share = float(random.uniform(0.55, 1))
    w, h = int(whole.width * share), int(whole.height * share)
    x, y = int(random.integers(whole.width - w + 1)), int(random.integers(whole.height - h + 1))
    part = whole.crop((x, y, x + w, y + h)).resize(size, Image.Resampling.LANCZOS)
    exposure = float(random.uniform(0.8, 1.15))
    return part.point(lambda v: min(255, int(v * exposure)))


def gradient(size: tuple[int, int], top: tuple[int, ...], bottom: tuple[int, ...]) -> Picture:
    part = np.linspace(0, 1, size[1])[:, None]
    rows = np.asarray(top) * (1 - part) + np.asarray(bottom) * part
    return Image.fromarray(np.rint(rows).astype(np.uint8)[:, None].repeat(size[0], 1))


KINDS: dict[str, Callable[[Random], Picture]] = {
    "page": page, "editor": editor, "terminal": terminal, "interface": interface, "lines": lines, "heat": heat,
    "drawing": drawing, "sprites": sprites, "dithered": dithered, "website": website, "map": chart_map,
    "poster": poster, "desktop": desktop,
}  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
