"""What the command says while it works, and the code it ends with: docs/cli.md has both."""

from __future__ import annotations

import json
import math
import os
import time
from typing import Any

from ..errors import VaeransError
from ..pictures.opening import NO_MEMORY
from .streams import say

EXIT_CODES = """Exit codes:
   0  done
   1  some of several inputs failed; each is named on stderr
   2  wrong usage: options, recipe or parameters
   3  bad input: a file that is corrupt, unreadable, unsupported or over a limit, or has not what is asked of it
   4  a model or ONNX Runtime is missing, does not fit or fails
   5  input/output: a file is missing, exists already, cannot be written; no memory
  70  a bug in vaerans: please report it
"""
DONE, SOME_FAILED, USAGE, BAD_INPUT, NO_MODEL, IO, INTERNAL = 0, 1, 2, 3, 4, 5, 70

# The exit code of each kind of error, as cli/exit_codes.hpp has them; others are INTERNAL.
EXITS = {
    USAGE: "usage invalid_argument shape dtype contract unknown_system bad_recipe bad_parameter",
    BAD_INPUT: "non_finite corrupt_stream unsupported_version limit_exceeded base_mismatch image_unreadable "
    "image_unsupported",
    NO_MODEL: "model_not_found model_invalid model_mismatch runtime_not_found inference",
    IO: "io exists arena_full",
}

# What eval gives the means of, and how a line says them.
MEANS = {
    "psnr_db": "mean PSNR {:.2f} dB",
    "ssim": "SSIM {:.4f}",
    "ms_ssim": "MS-SSIM {:.4f}",
    "ssimulacra2": "SSIMULACRA2 {:.1f}",
}


class UsageError(Exception):
    """The command line asks for what cannot be."""


def exit_of(code: str) -> int:
    return next((number for number, codes in EXITS.items() if code in codes.split()), INTERNAL)


def exit_of_reading(code: str) -> int:
    """Where the user gave nothing but a file, an unknown system in it is bad input, not wrong usage."""
    return BAD_INPUT if exit_of(code) == USAGE else exit_of(code)


def code_of(error: Exception) -> str:
    if isinstance(error, VaeransError):
        return error.code
    builtin = {UsageError: "usage", FileExistsError: "exists", MemoryError: "arena_full", OSError: "io"}
    return next((code for kind, code in builtin.items() if isinstance(error, kind)), "internal")


def text_of(error: Exception) -> str:
    """Without the number that the system gives its errors."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, MemoryError) and not isinstance(error, VaeransError):
        return NO_MEMORY  # CPython gives it no text, NumPy one about its arrays
    return str(error)


def shown(name: str) -> str:
    """A name as terminals may have it: control characters are written as \\xNN."""
    return "".join(c if c.isprintable() else "".join(f"\\x{b:02x}" for b in os.fsencode(c)) for c in name)


def complain(error: Exception, name: str = "", target: str = "") -> None:
    text = text_of(error)
    if name and not text.startswith((f"{name}:", *([f"{target}:"] if target else []))):
        text = f"{name}: {text}"
    for one in filter(None, (name, target)):
        text = text.replace(one, shown(one))  # the error may have several lines, a name has one
    lines = "\n".join(map(shown, text.split("\n")))
    say(f"vaerans: error[{code_of(error)}]: {lines}", to_stderr=True)
    if isinstance(error, UsageError):
        say("`vaerans --help` and `vaerans COMMAND --help` list what there is.", to_stderr=True)


def print_line(text: str) -> None:
    say(shown(text))


def row(label: str, text: str) -> str:
    """A property on a line of its own, indented."""
    return f"  {label:<10} {text}"


def json_of(data: Any, **how: Any) -> str:
    """JSON as the program writes it: a number that is none, or is infinite, is null."""
    return json.dumps(_finite(data), allow_nan=False, **how)


def _finite(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _finite(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def print_json(data: Any) -> None:
    say(json_of(data, indent=2, ensure_ascii=False))


class Report:
    """A line for each file, a line of sums, and what failed."""

    def __init__(self, *, quiet: bool = False, as_json: bool = False, to_stderr: bool = False) -> None:
        self.quiet, self.as_json, self.to_stderr = quiet, as_json, to_stderr
        self.failures: list[tuple[str, Exception]] = []
        self.exits: set[int] = set()
        self.files = self.bytes = self.pixels = self.skipped = 0
        self.identical = 0
        self.notes: dict[str, list[float]] = {}
        self._begin = time.monotonic()

    def lost(self, text: str, data: dict[str, Any], lost: list[str]) -> None:
        """A line of what is not whole: without --quiet what is lost stands below it, with it all of that on stderr."""
        if self.quiet and lost:
            say("\n".join(map(shown, [text, *lost])), to_stderr=True)
        self.line(text, data, *lost)

    def line(self, text: str, data: dict[str, Any], *more: str) -> None:
        """A line, or JSON in its place; `more` lines below it."""
        if not self.quiet:
            said = json_of(data) if self.as_json else "\n".join(map(shown, (text, *more)))
            say(said, to_stderr=self.to_stderr)

    def done(self, size: int, pixels: int = 0) -> None:
        self.files, self.bytes, self.pixels = self.files + 1, self.bytes + size, self.pixels + pixels

    def failed(self, name: str, error: Exception, number: int, target: str = "") -> None:
        complain(error, name, target)
        self.failures.append((name, error))
        self.exits.add(number)

    def exit(self) -> int:
        """If all fail for one kind of reason, its own code; some of several is a code of its own."""
        if not self.failures:
            return DONE
        return SOME_FAILED if self.files or len(self.exits) > 1 else next(iter(self.exits))

    def sums(self, timed: bool) -> None:
        """The last line of a run over folders, and once more what failed."""
        means = {name: sum(values) / len(values) for name, values in self.notes.items() if values}
        speed = self.pixels / 1e6 / max(time.monotonic() - self._begin, 1e-9) if timed else None
        failures = [{"input": n, "error": code_of(e), "message": text_of(e)} for n, e in self.failures]
        data = self._sums_as_data(means, speed) | {"failures": failures}
        self.line(self._sums_as_text(means, speed), {"summary": data})
        if failures and not self.quiet:
            rows = [f"  {shown(one['input'])}  {one['error']}  {shown(one['message'])}" for one in failures]
            say("\n".join(["failed:", *rows]), to_stderr=True)

    def _sums_as_text(self, means: dict[str, float], speed: float | None) -> str:
        parts = [f"{self.files:,} files, {self.bytes:,} bytes"]
        parts += [bpp(self.bytes, self.pixels)] if self.pixels else []
        parts += [MEANS[name].format(value) for name, value in means.items()]
        parts += [f"identical {self.identical}"] if self.identical else []
        parts += [f"{self.skipped:,} skipped, {len(self.failures):,} failed"]
        return ", ".join(parts + ([] if speed is None else [f"{speed:.2f} MP/s"]))

    def _sums_as_data(self, means: dict[str, float], speed: float | None) -> dict[str, Any]:
        data: dict[str, Any] = {"files": self.files, "bytes": self.bytes, "pixels": self.pixels}
        data |= {"bpp": self.bytes * 8 / self.pixels} if self.pixels else {}
        data |= {f"mean_{name}": value for name, value in means.items()}
        data |= {"identical": self.identical} if self.identical else {}
        data |= {"skipped": self.skipped, "failed": len(self.failures)}
        return data if speed is None else data | {"megapixels_per_second": speed}


def bpp(size: int, pixels: int) -> str:
    return f"{size * 8 / pixels:.3f} bpp"
