"""Outputs: never overwritten unasked, never half written, and nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from PIL import Image


def test_nothing_is_overwritten_unasked(cli, photo):
    cli.path("photo.vrs").write_bytes(b"precious")
    refused = cli("compress", "photo.png", code=5)
    assert refused.err.startswith("vaerans: error[exists]: photo.vrs: ")
    assert cli.path("photo.vrs").read_bytes() == b"precious"
    cli("compress", "photo.png", "--force")
    assert cli.path("photo.vrs").read_bytes() != b"precious"

    before = photo.read_bytes()
    cli("decompress", "photo.vrs", code=5)
    assert photo.read_bytes() == before
    cli("decompress", "photo.vrs", "-f")
    assert photo.read_bytes() != before


def test_an_existing_output_among_many(cli, photo, smooth):
    Image.fromarray(smooth(seed=3)).save(cli.path("second.png"))
    cli.path("photo.vrs").write_bytes(b"precious")
    made = cli("compress", "photo.png", "second.png", code=1)
    assert "photo.vrs" in made.err and "second.vrs" in cli.files()
    assert cli.path("photo.vrs").read_bytes() == b"precious"


def test_what_a_terminal_would_obey_is_not_printed(cli, photo):
    """Names of files may hold anything but a slash: escape sequences, line ends, bytes that are no text."""
    name = os.fsdecode(b"a\x1b[31m\nred\xff.png")
    photo.rename(cli.path(name))
    shown = "a\\x1b[31m\\x0ared\\xff"
    made = cli("compress", name, "-o", "out/").out.decode()
    assert shown in made and "\x1b" not in made
    missing = cli("compress", name + "x", code=5).err
    assert f"{shown}.pngx" in missing and "\x1b" not in missing


def test_a_folder_that_is_a_file(cli, photo):
    cli.path("file").write_text("x")
    refused = cli("compress", "photo.png", "-o", "file/a.vrs", code=5)
    assert refused.err == "vaerans: error[io]: file/a.vrs: cannot be written: Not a directory\n"


def test_a_folder_that_is_not_there(cli, photo):
    refused = cli("compress", "photo.png", "-o", "no/a.vrs", code=5)
    assert refused.err == "vaerans: error[io]: no/a.vrs: cannot be written: No such file or directory\n"


def test_a_folder_without_permission(cli, photo):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    cli.path("locked").mkdir(mode=0o500)
    assert "Permission denied" in cli("compress", "photo.png", "-o", "locked/a.vrs", code=5).err


def test_a_read_only_file_system(cli, photo):
    if not Path("/proc/self").is_dir():
        pytest.skip("there is no /proc here")
    assert "error[io]: /proc/a.vrs: cannot be written" in cli("compress", "photo.png", "-o", "/proc/a.vrs", code=5).err


@pytest.fixture
def tiny_disk(cli):
    """A file system of 16 KiB."""
    folder = cli.path("disk")
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], capture_output=True, text=True)
    if mount.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted: {mount.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk(cli, smooth, tiny_disk):
    Image.effect_noise((200, 200), 90).convert("RGB").save(cli.path("noise.png"))
    refused = cli("compress", "noise.png", "--residual-step", 1, "-o", "disk/a.vrs", code=5)
    assert refused.err == "vaerans: error[io]: disk/a.vrs: cannot be written: No space left on device\n"
    assert list(tiny_disk.iterdir()) == []


def test_a_full_device(cli, photo):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    refused = cli("compress", "photo.png", "-o", "/dev/full", code=5)
    assert refused.err == "vaerans: error[io]: /dev/full: cannot be written: No space left on device\n"
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [cli.program, "compress", "--model", "blocks", photo, "-o", "-"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=cli.env,
        )
    assert done.returncode == 5 and b"error[io]: stdout: cannot be written: No space left" in done.stderr


def test_a_limit_on_file_sizes(cli, photo):
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 0; trap "" XFSZ; exec "$0" compress --model blocks photo.png', cli.program],
        cwd=cli.folder, env=cli.env, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 5 and "photo.vrs: cannot be written: File too large" in done.stderr
    assert cli.files() == {"photo.png"}


def test_devices_are_written_to(cli, photo):
    cli("compress", "photo.png", "-o", "/dev/null")
    assert Path("/dev/null").is_char_device()


def test_no_binary_data_to_a_terminal(cli, photo):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [cli.program, "compress", photo, "-o", "-"], stdout=theirs, stderr=subprocess.PIPE, env=cli.env
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 2 and b"terminal" in done.stderr


def test_a_progress_bar_on_terminals_only(cli, photo, smooth):
    pty = pytest.importorskip("pty")
    Image.fromarray(smooth(seed=3)).save(cli.path("second.png"))
    ours, theirs = pty.openpty()
    subprocess.run(
        [cli.program, "compress", "--model", "blocks", "photo.png", "second.png"],
        cwd=cli.folder,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=cli.env,
        check=True,
    )
    os.close(theirs)
    assert b"0/2" in os.read(ours, 10000)
    os.close(ours)
    assert cli("compress", "photo.png", "second.png", "--force").err == ""


def wait_until_taken(process, number, seconds=60):
    """Until the program has blocked that signal, which its watcher then takes: a busy machine may start it late."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status = Path(f"/proc/{process.pid}/status").read_text()
        blocked = int(re.search(r"SigBlk:\s*([0-9a-f]+)", status)[1], 16)
        if blocked >> (number - 1) & 1:
            return
        time.sleep(0.01)
    raise AssertionError(f"the program did not block signal {number} within {seconds} s")


def test_interrupted(cli, photo):
    """A program that waits for its input ends at once, with the code of the signal, and leaves nothing."""
    waiting = subprocess.Popen(
        [cli.program, "compress", "--model", "blocks", "-", "-o", "a.vrs"],
        cwd=cli.folder,
        env=cli.env,
        stdin=subprocess.PIPE,
        # Started from a background job the tests inherit an ignored SIGINT, which the program rightly leaves ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_until_taken(waiting, signal.SIGINT)
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(timeout=10) == 130
    waiting.stdin.close()
    assert cli.files() == {"photo.png"}
