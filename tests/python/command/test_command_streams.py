"""Stdin, stdout and stderr of the package's command where they are closed, full, or read by nobody: as the program."""

import subprocess
import sys
from pathlib import Path

import pytest
import vaerans_ecs as v
from PIL import Image
from vaerans_ecs.cli import streams
from vaerans_ecs.cli.run import main

from .both_commands import PROGRAM

needs_streams = pytest.mark.skipif(
    not PROGRAM.is_file() or not Path("/dev/full").exists(), reason="no ./dev build, or no Linux"
)
COMMAND = f"{sys.executable} -m vaerans_ecs"


@pytest.fixture
def here(tmp_path, monkeypatch, img):
    """x.png and f.vrs."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(img).save("x.png")
    v.save("f.vrs", img, lossless=True)
    return tmp_path


def ends(shell: str) -> tuple[int, str]:
    """The exit code of a line of the shell, and what it says on stderr."""
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {shell}"], capture_output=True, text=True)
    return done.returncode, done.stderr


@needs_streams
@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("compress x.png -o - >&-", "stdout: cannot be written: Bad file descriptor"),
        ("compress x.png -o - >/dev/full", "stdout: cannot be written: No space left on device"),
        ("compress x.png -o a.vrs -f >/dev/full", "stdout: cannot be written"),
        ("decompress f.vrs -o - >&-", "stdout: cannot be written: Bad file descriptor"),
        ("compress - <&-", "stdin: cannot be read: Bad file descriptor"),
        ("info - <&-", "stdin: cannot be read: Bad file descriptor"),
        ("info f.vrs >&-", "stdout: cannot be written"),
        ("eval x.png f.vrs >&-", "stdout: cannot be written"),
        ("info f.vrs f.vrs f.vrs >/dev/full", "stdout: cannot be written"),
        ("info f.vrs --json >/dev/full", "stdout: cannot be written"),
        ("systems >/dev/full", "stdout: cannot be written"),
        ("models >/dev/full", "stdout: cannot be written"),
        ("--version >/dev/full", "stdout: cannot be written"),
        ("compress --help >/dev/full", "stdout: cannot be written"),
    ],
)
def test_a_stream_that_fails_is_said_and_no_file_is_blamed(here, words, text):
    theirs, ours = ends(f"{PROGRAM} {words}"), ends(f"{COMMAND} {words}")
    assert ours == theirs == (5, f"vaerans: error[io]: {text}\n")


@needs_streams
@pytest.mark.parametrize(
    "words", ["compress - -o a.vrs", "eval - x.png", "eval x.png -", "compress /dev/zero -o a.vrs"]
)
def test_a_stream_without_end_is_refused_from_its_first_bytes(here, words):
    theirs, ours = ends(f"{PROGRAM} {words} </dev/zero"), ends(f"{COMMAND} {words} </dev/zero")
    name = "/dev/zero" if "/dev/zero" in words else "stdin"
    text = f"{name}: not a picture in a format that is known here (PNG, JPEG, WebP, TIFF, GIF, BMP, PPM…)"
    assert ours == theirs == (3, f"vaerans: error[image_unreadable]: {text}\n")


@needs_streams
def test_pictures_and_files_come_from_stdin(here):
    for words in ("compress - -o a.vrs -f --lossless <x.png", "eval - f.vrs <x.png", "eval x.png - <f.vrs"):
        assert ends(f"{PROGRAM} {words} >/dev/null")[0] == ends(f"{COMMAND} {words} >/dev/null")[0] == 0


@needs_streams
def test_what_cannot_be_told_costs_no_file(here):
    assert ends(f"{COMMAND} compress x.png -o a.vrs --lossless >/dev/full")[0] == 5
    assert v.file_info("a.vrs").lossless


@needs_streams
def test_where_nobody_reads_it_ends_by_sigpipe(here):
    for words in ("systems", "info f.vrs f.vrs f.vrs", "compress x.png -o -"):
        assert ends(f"{COMMAND} {words} | true") == (141, "")


@needs_streams
def test_closed_stderr_sends_no_errors_to_stdout(here):
    done = subprocess.run(["bash", "-c", f"{COMMAND} info nope 2>&-"], capture_output=True)
    assert (done.returncode, done.stdout) == (5, b"")


def test_a_program_that_calls_it_lives_on(here, monkeypatch, capsys):
    def broken(*words, **how):
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(streams, "print", broken, raising=False)
    assert main(["info", "f.vrs"]) == 5
