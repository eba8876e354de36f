"""Numbers and names on the command line mean the same in the program and in the package's command."""

import subprocess
from pathlib import Path

import pytest
from PIL import Image
from vaerans_ecs.cli.run import main

from .both_commands import PROGRAM, answers

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not there: ./dev build")


@pytest.fixture
def place(tmp_path, monkeypatch, picture):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(picture(64, 96)).save("a.png")


def program(words: list[str]) -> int:
    return subprocess.run([PROGRAM, *words], capture_output=True).returncode


def command(words: list[str]) -> int:
    try:
        return main(words)
    except SystemExit as end:  # as the parser ends
        return end.code


def made(options: str) -> list[bytes | int]:
    """The files of the program and the command, or the codes that they end with."""
    words = ["compress", "a.png", "-f", "-o", "a.vrs", *options.split()]
    return [run(words) or Path("a.vrs").read_bytes() for run in (program, command)]


@pytest.mark.parametrize(
    ("option", "plain"),
    [
        ("--target-size 3e3", "--target-size 3000"),
        ("--target-size 2.5E+3", "--target-size 2500"),
        ("--target-size .3e1k", "--target-size 3k"),
        ("--bpp 0x2", "--bpp 2"),
        ("--bpp 2e0", "--bpp 2"),
        ("-q 0x1p5", "-q 32"),
    ],
)
def test_ways_to_write_a_number(place, option, plain):
    theirs, ours = made(plain)
    assert theirs == ours and isinstance(theirs, bytes)
    assert made(option) == [theirs, theirs]


@pytest.mark.parametrize("number", ["1e", "1e400", "1_000", "1,5", "nan", "0x", "x", "-1"])
@pytest.mark.parametrize("option", ["--target-size", "--bpp", "-q"])
def test_what_is_no_number(place, option, number):
    assert made(f"{option}={number}" if option != "-q" else f"--quality={number}") == [2, 2]


@pytest.mark.parametrize("number", ["0.5", "0x10", "1e18"])
def test_what_is_no_size(place, number):
    assert made(f"--target-size {number}") == [2, 2]


@pytest.mark.parametrize("options", ["", "--mode wavelet", "--lossless", "--mode auto -q 50", "--mode auto -q 100"])
def test_a_model_that_is_named_has_to_be_there(place, capsys, options):
    """Also where the picture has no use for it."""
    theirs, ours = answers(["compress", "a.png", "-m", "nope", *options.split()], capsys)
    assert theirs.code == ours.code == 4
    for one in (theirs, ours):
        assert "error[model_not_found]: " in one.err and "no model 'nope'" in one.err
    assert not Path("a.vrs").exists()
