"""`python -m vaerans_ecs latents convert`: caches of trainers into a store, and back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..errors import FileError, InvalidArgument
from ..latents.caches import FORMS
from ..latents.convert import Conversion, cache_to_store, store_to_cache
from .said import Report, code_of, exit_of_reading, print_line


def add_commands(commands: Any) -> None:
    """The parsers below `latents`."""
    latents = commands.add_parser("latents", help="the conditioning store (docs/latents.md)")
    below = latents.add_subparsers(dest="latents_command", required=True)
    convert = below.add_parser(
        "convert",
        help="caches of trainers into a store, or a store into such files",
        description=f"A folder with {', '.join(FORMS)} files becomes a store; a store becomes such files again.",
    )
    convert.add_argument("source", type=Path, help="folder of cache files, or a store")
    convert.add_argument("-o", "--output", type=Path, required=True, help="the store, or the folder of the files")
    convert.add_argument("--to", choices=[form[1:] for form in FORMS], help="form of a store's files; else their own")
    target = convert.add_mutually_exclusive_group()
    for name in ("rmse", "bits", "step", "max-error"):
        target.add_argument(f"--{name}", type=float, metavar="X")
    target.add_argument("--lossless", action="store_true")
    convert.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="PATTERN:NAME=X",
        help="for arrays of such names, as in 't5*:rmse=0.05'; may be repeated",
    )
    convert.add_argument("--resume", action="store_true", help="skip what is there and current")
    convert.add_argument("--replace", action="store_true", help="make stale items anew")
    convert.add_argument("--rank", default="0", help="names this writer among those that write at the same time")
    convert.add_argument("-j", "--threads", type=int, default=1)
    convert.add_argument("--quiet", action="store_true", help="say nothing but errors")


def run(given: argparse.Namespace) -> int:
    """The exit code, as of all commands. Raises what ends the command, which main() tells."""
    return _report(_convert(given), given.quiet)


def _convert(given: argparse.Namespace) -> Conversion:
    progress = None if given.quiet else print_line
    _require_there(given.source)
    if _is_store(given.source):
        return store_to_cache(given.source, given.output, form=given.to, threads=given.threads, progress=progress)
    if given.to:
        raise InvalidArgument(f"--to: {given.source} is no store, which alone becomes files")
    targets = dict(map(_target, given.target))
    names = ("rmse", "bits", "step", "max_error", "lossless", "resume", "replace", "rank", "threads")
    options = {name: getattr(given, name) for name in names}
    return cache_to_store(given.source, given.output, targets=targets, progress=progress, **options)


def _require_there(source: Path) -> None:
    try:
        source.stat()
    except OSError as error:
        raise FileError(f"{source}: cannot be read: {error.strerror or error}") from None


def _is_store(path: Path) -> bool:
    return path.suffix == ".vls" or (path.is_dir() and any(path.glob("*.vls")))


def _target(text: str) -> tuple[str, dict[str, Any]]:
    pattern, colon, rest = text.rpartition(":")
    name, equals, value = rest.partition("=")
    name = name.replace("-", "_")
    if colon and name == "lossless" and not equals:
        return pattern, {"lossless": True}
    try:
        if colon and name in ("rmse", "bits", "step", "max_error"):
            return pattern, {name: float(value)}
    except ValueError:
        pass
    raise InvalidArgument(f"--target {text}: something like 't5*:rmse=0.05' is needed")


def _report(done: Conversion, quiet: bool) -> int:
    report = Report(quiet=quiet)
    report.files = done.made + done.skipped
    for key, error in done.failed:
        report.failed(key, error, exit_of_reading(code_of(error)))
    if not quiet:
        print_line(f"{done.made} made, {done.skipped} there already, {len(done.failed)} failed")
    return report.exit()
