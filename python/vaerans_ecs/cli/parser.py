"""The options of `vaerans`: names and meanings are those of the program (docs/cli.md)."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from .._vaerans import __version__, runtime_info
from ..errors import VaeransError
from . import latents, models
from .said import EXIT_CODES, USAGE, UsageError, complain
from .streams import say

SIZE = re.compile(r"((?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)(?:([kmg])(i?))?b?", re.IGNORECASE)
HEXADECIMAL = re.compile(r"[+-]?0x", re.IGNORECASE)
CONVERT = "make 8-bit RGB of the pictures first: alpha over white, inks, the first of several pages"
COMMANDS = "compress decompress info verify strip transcode eval models systems latents help"


class Parser(argparse.ArgumentParser):
    """Its errors look as all errors of the command do; each help ends with the exit codes."""

    def __init__(self, *words: Any, **options: Any) -> None:
        usual = {"allow_abbrev": False, "epilog": EXIT_CODES}
        super().__init__(*words, **{**usual, "formatter_class": argparse.RawDescriptionHelpFormatter, **options})

    def error(self, message: str) -> NoReturn:
        complain(UsageError(message))
        raise SystemExit(USAGE)

    def _print_message(self, message: str, file: Any = None) -> None:
        """What argparse prints it would lose without a word where stdout is full."""
        say(message.removesuffix("\n"), to_stderr=file is not None and file is sys.stderr)


class Version(argparse.Action):
    """Asks for ONNX Runtime only where it is wanted."""

    def __call__(self, parser: Any, *_: Any) -> NoReturn:
        say(f"vaerans {__version__}")
        try:
            runtime = runtime_info()
            say(f"ONNX Runtime {runtime.version} ({runtime.library})\nproviders: {', '.join(runtime.providers)}")
        except VaeransError as error:
            say(str(error))
        raise SystemExit(0)


def size(text: str) -> int:
    """20000, 20k, 1.5M (powers of 1000), 64Ki (of 1024)."""
    found = SIZE.fullmatch(text)
    power = " kmg".index((found[2] or " ").lower()) if found else 0
    number = float(found[1]) * (1024 if found[3] else 1000) ** power if found else 0.0
    if not 1 <= number < 1e18:
        raise argparse.ArgumentTypeError(f"a size such as 20000, 20k, 1.5M or 64Ki is needed, not '{text}'")
    return int(number)


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.lstrip("-").isdigit() or int(text) < low or (high is not None and int(text) > high):
            bounds = f"from {low} to {high}" if high is not None else f"from {low} on"
            raise argparse.ArgumentTypeError(f"must be a whole number {bounds}, not '{text}'")
        return int(text)

    return parse


def real(text: str) -> float:
    """A number as C writes and the program reads it: hexadecimal ones are, those with underscores are not."""
    try:
        if "_" in text:
            raise ValueError
        return float.fromhex(text) if HEXADECIMAL.match(text) else float(text)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"a number is needed, not '{text}'") from None


def quality(text: str) -> float:
    number = real(text)
    if not 1 <= number <= 100:
        raise argparse.ArgumentTypeError(f"must be between 1 and 100, not {text}")
    return number


def region(text: str) -> tuple[int, ...]:
    numbers = text.split(",")
    if len(numbers) != 4 or not all(n.strip().isdigit() for n in numbers):
        raise argparse.ArgumentTypeError(f"a region is X,Y,W,H, whole numbers from 0 on, not '{text}'")
    return tuple(map(int, numbers))


def parser() -> Parser:
    top = Parser("vaerans", description="Learned image compression.")
    top.add_argument("--version", action=Version, nargs=0, help="versions of vaerans and ONNX Runtime")
    top.add_argument("--plugin", action="append", default=[], metavar="FILE.so", help="load a plugin; may be repeated")
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)

    def command(name: str, help: str) -> Any:
        return commands.add_parser(name, help=help, description=help)

    add_compress(command("compress", "make small files of pictures: photo.png becomes photo.vrs beside it"))
    add_decompress(command("decompress", "make pictures of .vrs files: photo.vrs becomes photo.png beside it"))
    add_info(command("info", "say what is in .vrs files, without decoding them"))
    verify = command("verify", "check the checksums of .vrs files")
    add_reading(verify)
    verify.add_argument("--full", action="store_true", help="decode them, too; this needs their models")
    strip = command("strip", "leave out of .vrs files what a decoder may skip: metadata, tile index")
    add_files(strip, "photo.stripped.vrs beside each file without it")
    strip.add_argument("--keep", action="append", default=[], metavar="NAME", help="a chunk to keep: icc, exif, xmp, …")
    add_transcode(command("transcode", "make .vrs files by a new generation of a model of old ones"))
    add_eval(command("eval", "compare a .vrs file, or a picture, with the original: rate and quality"))
    models.add_options(command("models", "the models that are installed; alone, their list"))
    systems = command("systems", "the systems that recipes are made of, with their parameters")
    systems.add_argument("names", nargs="*", metavar="NAME", help="all is said of these; none: all systems in brief")
    systems.add_argument("--json", action="store_true", help="as JSON")
    latents.add_commands(commands)
    command("help", "what a command takes: vaerans help COMMAND").add_argument("topic", nargs="?", metavar="COMMAND")
    return top


def add_compress(c: Any) -> None:
    add_files(c, "file, - for stdout, or a folder; several inputs go to a folder")
    add_run(c)
    c.add_argument("-m", "--model", help="name or folder of a model; without --mode, it is used")
    c.add_argument("--mode", help="coder: auto (the default), model, wavelet, pixel (lossless)")
    c.add_argument("--tune", default="visual", help="visual or psnr")
    c.add_argument("-e", "--effort", type=whole(1, 9), default=5, metavar="N", help="1 (fastest) to 9 (best)")
    c.add_argument("--recipe", dest="pipeline", help="chain of systems; see `vaerans systems`")
    c.add_argument("--digest", action="store_true", help="add a digest of the decoded picture")
    c.add_argument("--preview", nargs="?", type=int, const=True, default=False, metavar="BYTES", help="add a preview")
    c.add_argument("--strip", action="store_true", help="keep no ICC profile, EXIF and XMP; colours become sRGB")
    c.add_argument("--convert", action="store_true", help=CONVERT)
    exact = c.add_mutually_exclusive_group()
    exact.add_argument("--lossless", action="store_true", help="bit-exact, without a model")
    exact.add_argument("--max-error", type=whole(0, 100), metavar="N", help="no sample is further off than N")
    exact.add_argument("--residual-step", type=whole(1), metavar="N", help="add a coarser stream")
    rate = c.add_mutually_exclusive_group()
    rate.add_argument("-q", "--quality", type=quality, metavar="N", help="1 to 100 (best); 75 if nothing says")
    rate.add_argument("--target-size", dest="target_bytes", type=size, metavar="SIZE", help="20000, 20k, 1M")
    for option in ("--step", "--bpp", "--psnr", "--ssimulacra2", "--ms-ssim"):
        rate.add_argument(option, type=real, metavar="X")


def add_decompress(c: Any) -> None:
    add_files(c, "file (its suffix is its format), - for stdout, or a folder")
    add_run(c)
    c.add_argument("--format", help="format where no name says it: png (the default), tif, webp, jpg, ppm, pam, npy…")
    lossy = "1 to 100, for JPEG and AVIF, and for WebP and JPEG 2000, which are lossless without it"
    c.add_argument("--output-quality", type=whole(1, 100), metavar="N", help=lossy)
    c.add_argument("--region", type=region, metavar="X,Y,W,H", help="only this part")
    c.add_argument("--allow-partial", action="store_true", help="take what is there of damaged and cut files")
    c.add_argument("--strip", action="store_true", help="write no ICC profile, EXIF and XMP")


def add_info(c: Any) -> None:
    add_reading(c)
    c.add_argument("--preview", metavar="OUT.png", help="write the file's preview to this picture, by its suffix")
    c.add_argument("-f", "--force", action="store_true", help="replace a picture that exists")


def add_transcode(c: Any) -> None:
    add_files(c, "file, - for stdout, or a folder; photo.transcoded.vrs beside each without it")
    add_run(c)
    c.add_argument("-m", "--model", required=True, help="the new one: name, NAME@HASH or folder")
    c.add_argument("--lossy", action="store_true", help="also code files again that lose once more by it")
    c.add_argument("-q", "--quality", type=quality, metavar="N", help="1 to 100, of the new model")


def add_eval(c: Any) -> None:
    c.add_argument("original", metavar="ORIGINAL", help="picture to compare with; with -r a folder")
    c.add_argument("inputs", nargs=1, metavar="FILE", help="a .vrs file or a picture; with -r a folder")
    add_trees(c)
    c.add_argument("--device", help="where models run")
    c.add_argument("--convert", action="store_true", help=CONVERT)
    c.add_argument("--json", action="store_true", help="one JSON object per file and line")


def add_trees(c: Any) -> None:
    c.add_argument("-r", "--recursive", action="store_true", help="take folders: all files below them")
    c.add_argument("--include", action="append", default=[], metavar="PATTERN", help="with -r: only such names")
    c.add_argument("--exclude", action="append", default=[], metavar="PATTERN", help="with -r: no such names")


def add_reading(c: Any) -> None:
    c.add_argument("inputs", nargs="+", metavar="FILE", help="files to read; - is stdin; with -r folders, too")
    add_trees(c)
    c.add_argument("--json", action="store_true", help="one JSON object per file and line; with -r a last one of sums")


def add_files(c: Any, output: str) -> None:
    add_reading(c)
    c.add_argument("-o", "--output", metavar="OUT", help=output)
    c.add_argument("--skip-existing", "--resume", action="store_true", help="leave out files whose output is there")
    c.add_argument("-f", "--force", action="store_true", help="replace files that exist")
    c.add_argument("--quiet", action="store_true", help="say nothing but errors")


def add_run(c: Any) -> None:
    c.add_argument("--device", default="auto", help="where models run: auto, cpu, cuda, cuda:1, …")
    c.add_argument("-j", "--threads", type=int, default=0, metavar="N", help="0 is as many as the machine has")
    c.add_argument("--max-pixels", type=size, metavar="N", help="refuse pictures of more pixels (200M)")
    c.add_argument("--trace", metavar="FILE.json", help="write what each step did to this file, as JSON")
