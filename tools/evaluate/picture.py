"""Makes docs/images/lake.png: a part of examples/pictures/lake.png as it is, and as files of two codecs give it.

    python tools/evaluate/picture.py

Ours at a tenth of a bit per pixel stands beside the AVIF file that comes nearest to its size. What the sizes and the
quality are is printed, and written between the markers <!-- lake:begin --> and <!-- lake:end --> of the README.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import vaerans_ecs as vaerans
from PIL import Image
from table import insert

ROOT = Path(__file__).resolve().parents[2]
BPP = 0.1
TOP, LEFT, HEIGHT, WIDTH = 120, 60, 256, 256  # the part that is shown
GAP = 8


def main() -> int:
    photo = np.asarray(Image.open(ROOT / "examples" / "pictures" / "lake.png").convert("RGB"))
    ours = vaerans.compress(photo, bpp=BPP, mode="model")
    theirs = nearest(photo, len(ours))
    decoded = {"vaerans": vaerans.decompress(ours), "AVIF": np.asarray(Image.open(io.BytesIO(theirs)).convert("RGB"))}
    side_by_side([photo, *decoded.values()]).save(ROOT / "docs" / "images" / "lake.png", optimize=True)
    text = caption(photo, {"vaerans": ours, "AVIF": theirs}, decoded)
    print(text)
    insert(ROOT / "README.md", text, "lake")
    return 0


def nearest(photo: np.ndarray, size: int) -> bytes:
    """The AVIF file whose size is nearest."""
    return min((encoded(photo, quality) for quality in range(30)), key=lambda data: abs(len(data) - size))


def encoded(photo: np.ndarray, quality: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(photo).save(buffer, "AVIF", quality=quality, speed=4, max_threads=1)
    return buffer.getvalue()


def side_by_side(pictures: list[np.ndarray]) -> Image.Image:
    gap = np.full((HEIGHT, GAP, 3), 255, np.uint8)
    parts = [picture[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH] for picture in pictures]
    return Image.fromarray(np.hstack([x for part in parts for x in (part, gap)][:-1]))


def caption(photo: np.ndarray, files: dict[str, bytes], decoded: dict[str, np.ndarray]) -> str:
    height, width = photo.shape[:2]
    parts = [f"Left: a part of [lake.png](examples/pictures) ({width} × {height} pixels)"]
    for place, name in (("Middle", "vaerans"), ("Right", "AVIF")):
        quality = vaerans.measure(photo, decoded[name])
        seen = f"MS-SSIM {quality['ms_ssim']:.3f}, SSIMULACRA2 {quality['ssimulacra2']:.0f}"
        parts.append(f"{place}: {name}, {len(files[name]):,} bytes, {quality['psnr']:.1f} dB, {seen}")
    return ". ".join(parts) + "."


if __name__ == "__main__":
    raise SystemExit(main())
