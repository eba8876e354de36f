"""The Markdown of kodak_table.py, and putting it between its markers in a document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

NAMES = {"jpeg420": "JPEG 4:2:0", "webp": "WebP", "avif": "AVIF", "jxl": "JPEG XL", "jp2": "JPEG 2000"}


def markdown(result: dict[str, Any], anchors: dict[str, Any]) -> str:
    """The table of a result, with each other codec's PSNR at the same rate beside it, and the sentences around it."""
    rivals = {NAMES[k]: v for k, v in anchors.get("kodak", {}).items() if k in NAMES}
    head = ["setting", "bpp", "PSNR / dB", "SSIM", "MS-SSIM", *(f"{name} there" for name in rivals)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    rows = [(f"quality {row['quality']}{' (default)' * (row['quality'] == 75)}", row) for row in result["qualities"]]
    rows += [(f"bpp = {row['target_bpp']}", row) for row in result["targets"]]
    for label, row in rows:
        cells = [label, f"{row['bpp']:.3f}", f"{row['psnr']:.2f}", f"{row['ssim']:.4f}", f"{row['ms_ssim']:.4f}"]
        cells += [at_rate(points, row["bpp"]) for points in rivals.values()]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*about(result, bool(rivals)), "", *lines, "", *bit_exact(result, anchors), "", *timing(result)])


def about(result: dict[str, Any], rivals: bool) -> list[str]:
    origin, top = result["provenance"], result["ceiling"]
    alone = f"{top['psnr']:.2f} dB (SSIM {top['ssim']:.4f}, MS-SSIM {top['ms_ssim']:.4f})"
    text = [
        f"Means over {origin['pictures']} photos ({origin['images']}) with the model `{result['model']}`; rates are of "
        f"whole files. The VAE alone, without quantisation, reaches {alone}."
    ]
    if rivals:
        text.append(
            "The columns on the right say what other codecs reach at the same rate, PSNR in dB / MS-SSIM; – where none "
            "was measured."
        )
    return text


def bit_exact(result: dict[str, Any], anchors: dict[str, Any]) -> list[str]:
    row, pictures = result["lossless"], result["provenance"]["pictures"]
    names = {"png": "PNG", "webp-lossless": "WebP", "jxl-lossless": "JPEG XL"}
    others = [f"{names[k]} {v[0]['bpp']:.2f}" for k, v in anchors.get("kodak", {}).items() if k in names]
    beside = f" ({', '.join(others)})" if others else ""
    return [
        f"With the residual stream {row['equal']} of {pictures} photos are bit-exact, at {row['bpp']:.2f} bpp{beside}."
    ]


def timing(result: dict[str, Any]) -> list[str]:
    share, origin = result["time"]["session_and_pixel_share"], result["provenance"]
    speed = result["megapixels_per_second"]
    return [
        f"Of the time of compress and decompress {100 * share:.1f} % is spent in `session.run` and on pixels; "
        f"{speed['encode']:.1f} megapixels a second in, {speed['decode']:.1f} out "
        f"({origin['processor']}, {origin['threads']} threads)."
    ]


def at_rate(points: list[dict[str, float]], bpp: float) -> str:
    """ "PSNR / MS-SSIM" of a curve at this rate, linear in log(bpp); "–" outside of it."""
    rates = [point["bpp"] for point in points]
    if not min(rates) <= bpp <= max(rates):
        return "–"
    order = np.argsort(rates)
    x = np.log(np.array(rates)[order])
    psnr, ms_ssim = (np.interp(np.log(bpp), x, np.array([p[k] for p in points])[order]) for k in ("psnr", "ms_ssim"))
    return f"{psnr:.2f} / {ms_ssim:.3f}"


def insert(document: Path, text: str, name: str = "kodak") -> bool:
    """Replaces what stands between <!-- name:begin --> and <!-- name:end -->; False where there are none."""
    if not document.is_file():
        return False
    first, last = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, begin, rest = document.read_text("utf-8").partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        return False
    document.write_text(f"{before}{first}\n{text}\n{last}{after}", "utf-8")
    return True
