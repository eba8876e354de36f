"""Pipes and streams: what can be read but once, and what a stream cannot hold is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def through_pipe(path: Path, data: bytes) -> threading.Thread:
    os.mkfifo(path)
    thread = threading.Thread(target=path.write_bytes, args=(data,))
    thread.start()
    return thread


def pnm(pixels: np.ndarray) -> bytes:
    return b"P6\n%d %d\n255\n" % (pixels.shape[1], pixels.shape[0]) + pixels.tobytes()


def test_pictures_and_files_come_from_pipes(cli, photo):
    cli("compress", "photo.png", "-o", "plain.vrs", "--lossless")
    for number, words in enumerate((("--lossless",), ("-q", "50", "--mode", "wavelet"))):
        name = f"pipe{number}.png"
        thread = through_pipe(cli.path(name), photo.read_bytes())
        cli("compress", name, "-o", f"{number}.vrs", *words)
        thread.join()
    assert cli.path("0.vrs").read_bytes() == cli.path("plain.vrs").read_bytes()
    for number, words in enumerate((("--region", "0,0,8,8"), ("--allow-partial",), ("--stream",))):
        name = f"pipe{number}.vrs"
        thread = through_pipe(cli.path(name), cli.path("plain.vrs").read_bytes())
        cli("decompress", name, "-o", f"back{number}.ppm", *words)
        thread.join()
    assert np.asarray(Image.open(cli.path("back0.ppm"))).shape == (8, 8, 3)
    assert (np.asarray(Image.open(cli.path("back2.ppm"))) == np.asarray(Image.open(photo))).all()


@pytest.mark.parametrize(
    "words", [["compress", "-"], ["compress", "/dev/zero"], ["eval", "-", "photo.png"], ["eval", "photo.png", "-"]]
)
def test_what_is_no_picture_is_refused_from_its_first_bytes(cli, photo, words):
    """Without end, so that whoever reads it all would meet the limit of a file's size instead."""
    target = [] if words[0] == "eval" else ["-o", "out.vrs"]
    with Path("/dev/zero").open("rb") as zeros:
        command = [str(cli.program), *words, *target]
        done = subprocess.run(
            command, cwd=cli.folder, stdin=zeros, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 3 and "not a picture in a format that is known here" in done.stderr
    assert done.stderr.count("stdin" if "-" in words else "/dev/zero") == 1


@pytest.mark.parametrize(
    "words", [["eval", "photo.png", "one.vrs"], ["info", "one.vrs"], ["decompress", "one.vrs", "-o", "-"]]
)
def test_a_closed_stdout_is_told(cli, photo, words):
    """A file that is opened must not take its number: what is printed would go into it."""
    cli("compress", "photo.png", "-o", "one.vrs", "--lossless")
    command = ["sh", "-c", 'exec "$0" "$@" >&-', str(cli.program), *words]
    done = subprocess.run(command, cwd=cli.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 5 and "stdout: cannot be written" in done.stderr


def test_a_stream_of_several_pictures_is_refused(cli, smooth):
    one = pnm(smooth())
    cli("compress", "-", "--stream", "--lossless", "-o", "one.vrs", stdin=one + b"\n")
    done = cli("compress", "-", "--stream", "--lossless", "-o", "two.vrs", stdin=one + one, code=3)
    assert "several PNM pictures" in done.err and "two.vrs" not in cli.files()


@pytest.mark.parametrize("word", [["--convert"], ["--digest"], ["--tolerant"], ["--mode", "wavelet"]])
def test_what_a_stream_would_ignore_is_refused(cli, smooth, word):
    done = cli("compress", "-", "--stream", "--lossless", "-o", "one.vrs", *word, stdin=pnm(smooth()), code=2)
    assert "--stream goes without" in done.err


def test_an_interrupted_stream_leaves_nothing(cli):
    pixels = np.random.default_rng(1).integers(0, 256, (4000, 1000, 3), np.uint8)
    cli.path("big.ppm").write_bytes(pnm(pixels))
    cli("compress", "big.ppm", "--stream", "--lossless", "-o", "big.vrs")
    cli.path("out").mkdir()
    words = [cli.program, "decompress", "--stream", "big.vrs", "-o", "out/big.ppm", "-j", "1"]
    # The tests may have inherited an ignored SIGINT, which the program would leave ignored.
    default = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731
    running = subprocess.Popen([str(word) for word in words], cwd=cli.folder, preexec_fn=default)
    for _ in range(1000):
        if any(path.suffix == ".tmp" for path in cli.path("out").iterdir()):
            break
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 130
    assert list(cli.path("out").iterdir()) == []
