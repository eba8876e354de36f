"""The two commands of the name `vaerans`: where the program is, and what the package's one takes."""

import argparse
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from vaerans_ecs.cli.parser import parser
from vaerans_ecs.cli.run import main

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("VAERANS_CLI", ROOT / "build/release/bin/vaerans"))


def commands(of: argparse.ArgumentParser | None = None) -> dict[str, argparse.ArgumentParser]:
    """Those of the package's command, or below one of them, by name."""
    return next(a.choices for a in (of or parser())._actions if isinstance(a, argparse._SubParsersAction))


def options(of: argparse.ArgumentParser) -> set[str]:
    return {word for action in of._actions for word in action.option_strings if word.startswith("--")}


class Answer(NamedTuple):
    code: int
    out: str
    err: str


def answers(words: list[str], capsys) -> tuple[Answer, Answer]:
    """The program's and the command's."""
    theirs = subprocess.run([PROGRAM, *words], capture_output=True, text=True)
    capsys.readouterr()
    code = main(words)
    return Answer(theirs.returncode, theirs.stdout, theirs.stderr), Answer(code, *capsys.readouterr())
