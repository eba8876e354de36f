"""The two commands of the name `vaerans`: where the program is, and what the package's one takes."""

import argparse
import os
from pathlib import Path

from vaerans_ecs.cli.parser import parser

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("VAERANS_CLI", ROOT / "build/release/bin/vaerans"))


def commands(of: argparse.ArgumentParser | None = None) -> dict[str, argparse.ArgumentParser]:
    """Those of the package's command, or below one of them, by name."""
    return next(a.choices for a in (of or parser())._actions if isinstance(a, argparse._SubParsersAction))


def options(of: argparse.ArgumentParser) -> set[str]:
    return {word for action in of._actions for word in action.option_strings if word.startswith("--")}
