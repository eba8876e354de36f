"""What `./dev demo` runs: a photo becomes a small file, a new process decodes it, and the numbers are shown.

Writes to demo-out/ (or --out): photo.vrs, decoded.png, side-by-side.png, report.html, report.json, rate-distortion.png.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import vaerans_ecs as vaerans
from PIL import Image
from vaerans_ecs.eval import report
from vaerans_ecs.eval.summary import session_share, system_summary
from vaerans_ecs.viz import rd_curve

ROOT = Path(__file__).resolve().parents[2]
QUALITIES = (10, 30, 50, 75, 90, 95)
METRICS = {
    "psnr": ("PSNR", "{:.2f} dB"),
    "ssim": ("SSIM", "{:.4f}"),
    "ms_ssim": ("MS-SSIM", "{:.4f}"),
    "ssimulacra2": ("SSIMULACRA2", "{:.1f}"),
}


def main() -> int:
    options = arguments()
    photo = np.asarray(Image.open(options.photo).convert("RGB"))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / ".gitignore").write_text("*\n")

    context = vaerans.Context(trace=True)
    begin = time.perf_counter()
    file = vaerans.compress(photo, quality=options.quality, context=context)
    encode_seconds = time.perf_counter() - begin
    (options.out / "photo.vrs").write_bytes(file)

    decoded, cli_seconds = decode_in_new_process(options.cli, options.out / "photo.vrs", options.out / "decoded.png")
    again = vaerans.decompress(file, context=context)
    if not np.array_equal(decoded, again):
        sys.exit("demo: the command line and Python decoded different pictures")

    quality = vaerans.measure(photo, decoded)
    table(photo, file, quality, context.trace, encode_seconds, cli_seconds)
    write_pictures(options, photo, decoded, file, quality, context.trace)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compress and decode a photo, and write a report about it.")
    parser.add_argument("photo", nargs="?", type=Path, default=ROOT / "examples" / "pictures" / "lake.png")
    parser.add_argument("-q", "--quality", type=float, default=75, help="1 (smallest) to 100 (best)")
    parser.add_argument("--out", type=Path, default=ROOT / "demo-out", help="folder for what is written")
    parser.add_argument("--cli", type=Path, default=ROOT / "build" / "release" / "bin" / "vaerans")
    return parser.parse_args()


def decode_in_new_process(cli: Path, file: Path, picture: Path) -> tuple[np.ndarray, float]:
    """The picture that the command line decodes from the file, and the seconds that the whole process took."""
    begin = time.perf_counter()
    subprocess.run([cli, "decompress", file, "-o", picture, "--force"], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begin
    return np.asarray(Image.open(picture)), seconds


def table(photo, file, quality, trace, encode_seconds: float, cli_seconds: float) -> None:
    height, width, _ = photo.shape
    rows = [
        ("picture", f"{width} x {height}, {photo.nbytes:,} bytes of pixels"),
        ("file", f"{len(file):,} bytes"),
        ("rate", f"{8 * len(file) / (width * height):.3f} bits per pixel"),
        *((label, form.format(quality[name])) for name, (label, form) in METRICS.items()),
    ]
    for name, text in rows:
        print(f"  {name:<10} {text}")
    print(f"\n  {'stage':<34} {'ms':>9} {'in the model':>13} {'pixels':>8}")
    for row in system_summary(trace):
        numbers = [1e3 * row[k] for k in ("seconds", "session_seconds", "pixel_seconds")]
        print(f"  {row['system']:<34} {numbers[0]:>9.2f} {numbers[1]:>13.2f} {numbers[2]:>8.2f}")
    load = 1e3 * sum(row["load_seconds"] for row in system_summary(trace))
    share = 100 * session_share(trace)
    print(f"\n  {share:.1f} % of this is the model and the pixels; loading the model took {load:.0f} ms more")
    print(f"  compress() as a whole: {encode_seconds:.2f} s; decoding in a new process: {cli_seconds:.2f} s")


def write_pictures(options, photo, decoded, file, quality, trace) -> None:
    out = options.out
    gap = np.full((photo.shape[0], 8, 3), 255, np.uint8)
    Image.fromarray(np.concatenate([photo, gap, decoded], axis=1)).save(out / "side-by-side.png")
    curve = rate_distortion(photo)
    rd_curve({"vaerans": curve}, title=options.photo.name).savefig(out / "rate-distortion.png", dpi=150)
    made = report(
        photo, decoded, trace=trace, file_info=vaerans.file_info(file), metrics=quality, rd={"vaerans": curve},
        title=f"{options.photo.name} at quality {options.quality:g}",
    )  # fmt: skip
    made.save(out / "report.html")
    print("\n  written:")
    for name in ("photo.vrs", "side-by-side.png", "report.html", "report.json", "rate-distortion.png"):
        print(f"    {shown(out / name)}")


def rate_distortion(photo: np.ndarray) -> list[dict[str, float]]:
    """The photo at each of QUALITIES: {quality, bpp, psnr, ssim, ms_ssim}."""
    files = [vaerans.compress(photo, quality=q) for q in QUALITIES]
    points = []
    for q, file, back in zip(QUALITIES, files, vaerans.decompress(files), strict=True):
        bpp = 8 * len(file) / (photo.shape[0] * photo.shape[1])
        points.append({"quality": q, "bpp": bpp, **vaerans.measure(photo, back)})
    return points


def shown(path: Path) -> Path:
    path = path.resolve()
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    sys.exit(main())
