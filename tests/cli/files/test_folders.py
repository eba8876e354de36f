"""compress -r: a tree of pictures becomes a tree of .vrs files, and what is asked for is found out before any work."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def tree(cli):
    """in/a.png, in/sub/b.png, in/sub/c.jpg, in/notes.txt"""
    (cli.folder / "in/sub").mkdir(parents=True)
    pixels = np.random.default_rng(1).integers(0, 255, (16, 24, 3), np.uint8)
    for name in ("in/a.png", "in/sub/b.png", "in/sub/c.jpg"):
        Image.fromarray(pixels).save(cli.path(name))
    cli.path("in/notes.txt").write_text("no picture")
    return cli


def made(cli):
    return sorted(str(p.relative_to(cli.path("out"))) for p in cli.path("out").rglob("*") if p.is_file())


def test_the_tree_is_mirrored_and_summed_up(tree):
    done = tree("compress", "in", "-r", "-o", "out", "--lossless")
    assert made(tree) == ["a.vrs", "sub/b.vrs", "sub/c.vrs"]
    last = done.out.decode().splitlines()[-1]
    assert last.startswith("3 files, ") and " bpp, 0 skipped, 0 failed, " in last and last.endswith(" MP/s")


def test_what_is_there_is_skipped(tree):
    tree("compress", "in", "-r", "-o", "out", "--lossless")
    tree.path("out/a.vrs").unlink()
    done = tree("compress", "in", "-r", "-o", "out", "--lossless", "--skip-existing")
    assert "1 files, " in done.out.decode() and " 2 skipped, " in done.out.decode()
    assert tree("compress", "in", "-r", "-o", "out", "--lossless", code=5).err.count("[exists]") == 3
    assert tree("compress", "in/a.png", "-o", "out/a.vrs", "--lossless", "--skip-existing").err == ""


def test_patterns(tree):
    tree("compress", "in", "-r", "-o", "out", "--lossless", "--include", "*.png")
    assert made(tree) == ["a.vrs", "sub/b.vrs"]
    tree("compress", "in", "-r", "-o", "out", "--lossless", "-f", "--exclude", "sub/*")
    assert made(tree) == ["a.vrs", "sub/b.vrs"]
    tree("compress", "-r", "-o", "out2", "--lossless", "--include", "a.*", "in")  # a pattern takes one word
    assert tree.path("out2/a.vrs").exists()
    assert "go with -r" in tree("compress", "in/a.png", "--include", "*", code=2).err


def test_two_for_one_output_fail_alone(tree):
    shutil.copy(tree.path("in/a.png"), tree.path("in/sub/c.png"))
    done = tree("compress", "in", "-r", "-o", "out", "--lossless", code=1)
    assert made(tree) == ["a.vrs", "sub/b.vrs", "sub/c.vrs"]
    assert "in/sub/c.png: would be written to" in done.err or "in/sub/c.jpg: would be written to" in done.err
    assert "1 failed" in done.out.decode()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["in"], "in is a folder: -r takes the files in it"),
        (["in", "-r"], "-r needs -o FOLDER"),
        (["in/a.png", "-o", "x.jpg"], "x.jpg: compress writes .vrs files, whatever their name says; use x.vrs"),
        (["in/a.png", "-o", "./in/a.png"], "compress writes .vrs files"),
    ],
)
def test_what_cannot_be_meant(tree, words, text):
    assert text in tree("compress", *words, code=2).err


def test_nothing_is_written_over_itself_through_a_link(tree):
    tree.path("link.vrs").symlink_to(tree.path("in/a.png"))
    assert "over itself" in tree("compress", "in/a.png", "-o", "link.vrs", "--force", code=2).err


def test_a_link_gives_a_file_in_its_own_place(tree):
    """Not beside what it points to, which may lie outside the tree."""
    (tree.folder / "other").mkdir()
    shutil.copy(tree.path("in/a.png"), tree.path("other/real.png"))
    tree.path("in/sub/link.png").symlink_to(tree.path("other/real.png"))
    tree("compress", "in", "-r", "-o", "out", "--lossless")
    assert made(tree) == ["a.vrs", "sub/b.vrs", "sub/c.vrs", "sub/link.vrs"]
    assert not list(tree.folder.glob("other/*.vrs"))


@pytest.mark.parametrize("words", [["{}.png"], ["in/a.png", "-o", "{}.vrs"], ["{}.png", "-o", "x", "--skip-existing"]])
def test_names_that_no_file_system_takes_are_io_errors(tree, words):
    done = tree("compress", *(word.format("n" * 300) for word in words), code=5)
    assert "error[io]: " in done.err and "File name too long" in done.err


def test_help_of_a_command(tree):
    assert tree("help", "compress").out == tree("compress", "--help").out
    assert b"compress" in tree("help").out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command(tree, shell):
    text = tree("completion", shell).out.decode()
    for word in ("compress", "decompress", "eval", "skip-existing"):
        assert word in text
    if shutil.which(shell) and shell != "zsh":
        subprocess.run([shell, "-n"], input=text.encode(), check=True)


def test_completion_completes(tree):
    script = tree("completion", "bash").out.decode()
    ask = "COMP_WORDS=(vaerans compress --skip); COMP_CWORD=2; _vaerans; echo ${COMPREPLY[*]}"
    done = subprocess.run(["bash", "-c", script + ask], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["--skip-existing"]


def test_manual(tree):
    page = tree("manual").out.decode()
    assert page.startswith(".TH VAERANS 1\n") and ".SH VAERANS compress" in page and "\\-\\-skip\\-existing" in page


def test_a_conflict_is_told_whatever_is_there(tree):
    shutil.copy(tree.path("in/a.png"), tree.path("in/a.bmp"))
    for words in ((), ("--skip-existing",), ("--skip-existing",)):
        done = tree("compress", "in", "-r", "-o", "out", "--lossless", *words, code=None)
        assert done.code != 0 and "would be written to out/a.vrs" in done.err


def test_deep_trees_need_few_descriptors(tree):
    folder = tree.path("in")
    for depth in range(20):
        folder = folder / str(depth)
    folder.mkdir(parents=True)
    shutil.copy(tree.path("in/a.png"), folder / "deep.png")
    few = ["bash", "-c", 'ulimit -n 14; exec "$0" "$@"', str(tree.program)]
    done = subprocess.run(
        [*few, "compress", "in", "-r", "-o", "out", "-j", "1", "--lossless"], cwd=tree.folder, capture_output=True
    )
    assert done.returncode == 0 and b"4 files, " in done.stdout, done.stderr


@pytest.fixture
def closed_to_others(tree):
    """The tree where another user, or this one, may walk but for its folder `sub`; and who runs the program there."""
    if os.geteuid() != 0:
        tree.path("in/sub").chmod(0)
        yield tree.folder, {}
        tree.path("in/sub").chmod(0o755)
        return
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name)
        shutil.copytree(tree.path("in"), folder / "in")
        (folder / "out").mkdir()
        for path, mode in ((folder, 0o755), (folder / "in/sub", 0o700), (folder / "out", 0o777)):
            path.chmod(mode)
        yield folder, {"user": 65534, "group": 65534, "extra_groups": []}


def test_a_folder_that_cannot_be_read_costs_itself(tree, closed_to_others):
    folder, user = closed_to_others
    words = [str(tree.program), "compress", "in", "-r", "-o", "out", "--lossless"]
    try:
        done = subprocess.run(words, cwd=folder, capture_output=True, **user)
    except PermissionError:
        pytest.skip("another user may not run the program where it lies")
    assert done.returncode == 1 and b"in/sub: the folder cannot be read: Permission denied" in done.stderr
    assert [path.name for path in (folder / "out").iterdir()] == ["a.vrs"]


def test_parts_and_streams_are_summed_up(tree):
    tree("compress", "in", "-r", "-o", "out", "--lossless")
    for words in (("--region", "0,0,4,4"), ("--allow-partial",), ("--stream", "--format", "ppm")):
        done = tree("decompress", "out", "-r", "-o", "back" + words[0], *words, "--json")
        assert json.loads(done.out.splitlines()[-1])["summary"]["files"] == 3
