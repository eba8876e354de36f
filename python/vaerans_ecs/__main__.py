"""The command `vaerans` of the Python package, also `python -m vaerans_ecs`.

The program that ./dev build makes reads more formats, runs in batches and isolates decoders; this one needs nothing but
the package and Pillow.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import api, files, models, systems
from ._vaerans import __version__
from .errors import InvalidArgument, OutputExists, VaeransError
from .latents import _command as _latents
from .plugins import load_plugin

FAILED = 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser("vaerans", description="Learned image compression.")
    top.add_argument("--version", action="version", version=f"vaerans {__version__}")
    top.add_argument("--plugin", action="append", default=[], metavar="FILE.so", help="load a plugin; may be repeated")
    commands = top.add_subparsers(dest="command", required=True)
    compress = commands.add_parser("compress", help="make small files of pictures")
    compress.add_argument("inputs", nargs="+", type=Path)
    compress.add_argument("-o", "--output", type=Path, help="file, or folder for several inputs")
    compress.add_argument("-q", "--quality", type=float)
    compress.add_argument("--step", type=float)
    compress.add_argument("--bpp", type=float)
    compress.add_argument("--target-size", dest="target_bytes", type=int, metavar="BYTES")
    compress.add_argument("--lossless", action="store_true")
    compress.add_argument("--max-error", type=int)
    compress.add_argument("-m", "--model")
    compress.add_argument("--mode", help="auto, model, wavelet or pixel")
    compress.add_argument("--recipe", dest="pipeline")
    decompress = commands.add_parser("decompress", help="make pictures of .vrs files")
    decompress.add_argument("inputs", nargs="+", type=Path)
    decompress.add_argument("-o", "--output", type=Path, help="file, or folder for several inputs")
    for command in (compress, decompress):
        command.add_argument("-f", "--force", action="store_true", help="replace files that are there")
    info = commands.add_parser("info", help="what .vrs files hold")
    info.add_argument("inputs", nargs="+", type=Path)
    _latents.add_commands(commands)
    commands.add_parser("systems", help="what chains are made of")
    commands.add_parser("models", help="which models are there")
    return top


def target(path: Path, output: Path | None, several: bool, suffix: str) -> Path:
    """Where what is made of `path` goes: beside it, under -o, or into the folder -o."""
    if output is None:
        return path.with_suffix(suffix)
    if several or output.is_dir():
        output.mkdir(parents=True, exist_ok=True)
        return output / path.with_suffix(suffix).name
    return output


def run_compress(path: Path, out: Path, given: argparse.Namespace) -> str:
    if out.suffix.lower() not in (".vrs", ""):
        raise InvalidArgument(f"{out}: compress writes .vrs files, whatever their name says; use {out.stem}.vrs")
    names = ("quality", "step", "bpp", "target_bytes", "lossless", "max_error", "model", "mode", "pipeline")
    options = {name: getattr(given, name) for name in names}
    size = files.save(out, path, force=given.force, **options)
    return f"{path} -> {out}  {size:,} bytes"


def run_decompress(path: Path, out: Path, given: argparse.Namespace) -> str:
    from PIL import Image

    if out.exists() and not given.force:
        raise OutputExists(f"{out}: there is a file of that name; --force replaces it")
    image = Image.fromarray(files.open(path))
    image.save(out)
    return f"{path} -> {out}  {image.width} x {image.height} pixels"


def run_info(path: Path) -> str:
    info = api.file_info(path)
    parts = {part.name: part.bytes for part in info.parts}
    return json.dumps(
        {"file": str(path), "bytes": info.file_bytes, "recipe": info.recipe, "model": info.model, "parts": parts}
    )


def each_file(given: argparse.Namespace) -> int:
    """One bad file never costs the others."""
    several, failed = len(given.inputs) > 1, 0
    for path in given.inputs:
        try:
            if given.command == "info":
                line = run_info(path)
            elif given.command == "compress":
                line = run_compress(path, target(path, given.output, several, ".vrs"), given)
            else:
                line = run_decompress(path, target(path, given.output, several, ".png"), given)
            print(line)
        except (VaeransError, OSError) as error:
            failed += 1
            print(f"vaerans: {path}: {error}", file=sys.stderr)
    return FAILED if failed else 0


def listed(rows: Sequence[tuple[str, Any]]) -> int:
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        print(f"{name:{width}}  {text}")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    try:
        for plugin in given.plugin:
            load_plugin(plugin)
    except VaeransError as error:
        print(f"vaerans: {error}", file=sys.stderr)
        return FAILED
    if given.command == "systems":
        return listed([(entry.name, entry.doc.partition("\n")[0]) for entry in systems.all_systems()])
    if given.command == "latents":
        return _latents.run(given)
    if given.command == "models":
        return listed([(model.name, model.folder) for model in models.list_models()])
    return each_file(given)


if __name__ == "__main__":
    sys.exit(main())
