"""The programs in docs/latents.md run, one after the other, as they stand."""

import ast
import importlib.util
import os
import re
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "latents.md"
PROGRAMS = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


NEEDED = {"vaerans_ecs.latents.torch": "torch", "vaerans_ecs.ray": "ray"}


def modules_of(program):
    for node in ast.walk(ast.parse(program)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        yield from (NEEDED.get(name, name.partition(".")[0]) for name in names)


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """What the programs before have left; they all stand in one folder."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("document"))
    yield {"__name__": "document"}
    os.chdir(before)


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_a_program_runs(number, names):
    program = PROGRAMS[number]
    missing = sorted(name for name in set(modules_of(program)) if importlib.util.find_spec(name) is None)
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    exec(compile(program, DOCUMENT.name, "exec"), names)


def test_there_are_programs():
    assert len(PROGRAMS) >= 9
