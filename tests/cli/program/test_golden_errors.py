"""The exact text of errors: tests/golden_errors/cli_*.txt holds a command, its exit code and its stderr.

VAERANS_UPDATE_GOLDEN=1 writes what the program says now; read the difference before it is committed.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
from PIL import Image

FOLDER = Path(__file__).resolve().parents[2] / "golden_errors"
CASES = sorted(FOLDER.glob("cli_*.txt"))


@pytest.fixture
def shelf(cli, photo, smooth):
    """The files that the commands of the cases name."""
    cli("compress", "photo.png", "-o", "good.vrs")
    good = cli.path("good.vrs").read_bytes()
    for name, data in {
        "hollow.vrs": b"",
        "empty.png": b"",
        "notes.txt": b"dear diary\n",
        "text.vrs": b"dear diary\n",
    }.items():
        cli.path(name).write_bytes(data)
    cli.path("taken.vrs").write_bytes(good)
    Image.new("L", (16, 16), 99).save(cli.path("grey.png"))
    Image.new("LA", (16, 16), (9, 9)).save(cli.path("clear.png"))
    Image.fromarray(smooth(16, 16)).save(cli.path("small.png"))
    return cli


def test_there_are_cases():
    assert len(CASES) >= 15


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_golden_error(shelf, case):
    first, *_ = case.read_text().splitlines()
    assert first.startswith("$ vaerans")
    before = shelf.files()
    arguments = shlex.split(first)[2:]
    result = shelf(*arguments, code=None)
    text = f"{first}\nexit {result.code}\n{result.err}"
    if os.environ.get("VAERANS_UPDATE_GOLDEN"):
        case.write_text(text)
    assert text == case.read_text()
    assert result.code != 0 and result.out == b""
    assert shelf.files() == before, "something was left behind"
