"""Runs clang-tidy over sources, and remembers which have passed.

    .venv/bin/python tools/lint/tidy.py [--jobs N] FILE…

A source that passed is not looked at again until what the compiler reads of it changes: its text after preprocessing
with comments kept (NOLINT is one), its compile command, .clang-tidy or clang-tidy itself. All sources take an hour and
a half of one core the first time, a tenth of that when little has changed. Stamps stay in build/tidy.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD, STAMPS = ROOT / "build" / "release", ROOT / "build" / "tidy"
TIDY = Path(sys.executable).parent / "clang-tidy"


@functools.cache
def commands() -> dict[str, tuple[str, list[str]]]:
    """{source relative to the repository: (folder, compile command)}"""
    entries = json.loads((BUILD / "compile_commands.json").read_text("utf-8"))
    inside = [entry for entry in entries if Path(entry["file"]).is_relative_to(ROOT)]
    return {
        str(Path(entry["file"]).relative_to(ROOT)): (entry["directory"], shlex.split(entry["command"]))
        for entry in inside
    }


@functools.cache
def version() -> bytes:
    return subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout


def rules(source: str) -> bytes:
    """What is asked of a source: the files of its folder and of those above it."""
    files = [folder / ".clang-tidy" for folder in reversed((ROOT / source).parents) if folder.is_relative_to(ROOT)]
    return version() + b"".join(file.read_bytes() for file in files if file.is_file())


def preprocessed(folder: str, command: list[str]) -> bytes:
    """What the compiler reads, comments included."""
    out = command.index("-o")
    done = subprocess.run(
        [*command[:out], *command[out + 2 :], "-E", "-C", "-w"], cwd=folder, capture_output=True, check=True
    )
    return done.stdout


def stamp_of(source: str) -> Path:
    folder, command = commands()[source]
    text = b"\0".join([rules(source), " ".join(command).encode(), preprocessed(folder, command)])
    return STAMPS / hashlib.sha256(text).hexdigest()


def passes(source: str) -> bool:
    """Whether clang-tidy finds nothing, now or when the same text was last looked at. Prints what it finds."""
    stamp = stamp_of(source)
    if stamp.exists():
        return True
    done = subprocess.run(
        [TIDY, "--quiet", "-p", BUILD, source], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(done.stdout if done.returncode else f"{source}: passed", flush=True)
    if done.returncode == 0:
        stamp.touch()
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("sources", nargs="*")
    arguments = parser.parse_args()
    # clang-tidy needs a source's compile command: a bench whose peer library is absent has none.
    known = [source for source in arguments.sources if source in commands()]
    for source in sorted(set(arguments.sources) - set(known)):
        print(f"left out, not part of this build: {source}")
    STAMPS.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(arguments.jobs) as pool:
        failed = [source for source, passed in zip(known, pool.map(passes, known), strict=True) if not passed]
    print(f"clang-tidy: {len(known)} sources, {len(failed)} failed", *failed, sep="\n  ")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
