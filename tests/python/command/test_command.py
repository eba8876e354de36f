"""The command `vaerans` of the package, beside the program: the same options, names, texts and exit codes.

tests/cli run against this command as well (test_the_programs_own_tests, which is long).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs as v
from PIL import Image
from vaerans_ecs import api, pictures
from vaerans_ecs.cli import said
from vaerans_ecs.cli.run import main
from vaerans_ecs.pictures import PICTURE_SUFFIXES

from .both_commands import PROGRAM, ROOT, answers, commands, options

# What the program has and this command has not, with the reason.
NOT_HERE = {
    "--max-memory": "decoders run in the process itself",
    "--max-pixels-per-byte": "likewise",
    "--verbose": "--trace says it all",
    "--stream": "compress_stream() and decompress_stream() do it",
    "--tolerant": "Pillow decides what it takes",
}


@pytest.fixture
def tree(tmp_path, monkeypatch, img):
    """in/a.png, in/sub/b.png, in/sub/c.bmp, in/bad.png, in/notes.txt; the working folder is above them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in/sub").mkdir(parents=True)
    for name in ("in/a.png", "in/sub/b.png", "in/sub/c.bmp"):
        Image.fromarray(img).save(tmp_path / name)
    (tmp_path / "in/bad.png").write_text("no picture")
    (tmp_path / "in/notes.txt").write_text("no picture")
    return tmp_path


@pytest.mark.parametrize("command", ["compress", "decompress", "info", "verify", "strip", "transcode", "eval"])
def test_the_options_are_those_of_the_program(command):
    if not PROGRAM.is_file():
        pytest.skip("the program is not there: ./dev build")
    help = subprocess.run([PROGRAM, command, "--help"], capture_output=True, text=True).stdout
    theirs = set(re.findall(r"(--[a-z][a-z0-9-]+)", re.sub(r"(?m)^\s{20,}.*$|  \S.*? {2,}\S.*$", own_words, help)))
    ours = options(commands()[command])
    assert {option for option in theirs - ours if option not in NOT_HERE} == set()
    assert ours - theirs == set()


def own_words(match: re.Match) -> str:
    """The first column of a line of help; what follows is prose."""
    return re.split(r" {2,}", match[0].strip())[0] if match[0].strip().startswith("-") else ""


def test_exit_codes_are_those_of_the_program():
    source = (ROOT / "cli/exit_codes.hpp").read_text()
    numbers = dict(re.findall(r"(\w+) = (\d+),", source.partition("};")[0]))
    cases = re.findall(r"((?:\s*case ErrorCode::\w+:)+) return Exit::(\w+);", source)
    wanted = {code: int(numbers[exit]) for codes, exit in cases for code in re.findall(r"ErrorCode::(\w+)", codes)}
    assert {code: said.exit_of(code) for code in wanted} == wanted and len(wanted) > 20
    assert "".join(re.findall(r'"(.*)\\n"', source.partition("exit_code_help =")[2])) == said.EXIT_CODES.replace(
        "\n", ""
    )


def test_suffixes_of_pictures_are_those_of_the_program():
    source = (ROOT / "src/image_io/read.cpp").read_text()
    table = source.partition("kSuffixes[] = {")[2].partition("};")[0]
    assert re.findall(r'"(\.\w+)"', table) == list(PICTURE_SUFFIXES)


def test_a_tree_there_and_back(tree, img, capsys):
    assert main(["compress", "in", "-r", "-o", "out", "--lossless", "--exclude", "bad.png"]) == 0
    made = sorted(str(path.relative_to("out")) for path in Path("out").rglob("*.vrs"))
    assert made == ["a.vrs", "sub/b.vrs", "sub/c.vrs"]
    assert "3 files, " in (text := capsys.readouterr().out.splitlines()[-1]) and "0 failed" in text
    assert main(["decompress", "out", "-r", "-o", "back"]) == 0
    np.testing.assert_array_equal(np.asarray(Image.open("back/sub/c.png")), img)
    assert main(["eval", "in", "out", "-r", "--json"]) == 0
    assert '"identical": true' in capsys.readouterr().out
    assert main(["verify", "out", "-r", "--full"]) == main(["info", "out", "-r"]) == 0


def test_one_bad_file_costs_no_other(tree, capsys):
    assert main(["compress", "in", "-r", "-o", "out", "--lossless"]) == said.SOME_FAILED
    err = capsys.readouterr().err
    assert err.startswith("vaerans: error[image_unreadable]: in/bad.png: ") and "failed:\n  in/bad.png" in err
    assert Path("out/sub/b.vrs").exists()
    assert main(["compress", "in", "-r", "-o", "out", "--lossless", "--skip-existing", "--exclude", "bad.png"]) == 0
    assert "0 files, 0 bytes, 3 skipped" in capsys.readouterr().out
    Image.open("in/a.png").save("in/a.bmp")
    assert main(["compress", "in", "-r", "-o", "two", "--lossless", "--exclude", "bad.png"]) == said.SOME_FAILED
    assert "in/a.png: would be written to two/a.vrs, as in/a.bmp is" in capsys.readouterr().err


def test_what_is_in_conflict_is_told_though_its_output_is_there(tree, capsys):
    Image.open("in/a.png").save("in/a.bmp")
    words = ["compress", "in", "-r", "-o", "out", "--lossless", "--exclude", "bad.png", "--skip-existing"]
    for done, code in ((3, said.SOME_FAILED), (0, said.IO)):
        assert main(words) == code
        captured = capsys.readouterr()
        assert f"{done} files, " in captured.out and "in/a.png: would be written to out/a.vrs" in captured.err


def test_a_folder_that_cannot_be_read_costs_itself(tree, capsys, monkeypatch):
    """As root there is none: so the walk is told of one."""
    walk = os.walk

    def closed(folder, onerror):
        for at, folders, names in walk(folder):
            if at.endswith("sub"):
                onerror(PermissionError(13, "Permission denied", at))
            else:
                yield at, folders, names

    monkeypatch.setattr(os, "walk", closed)
    words = ["in", "-r", "-o", "out", "--lossless", "--exclude", "bad.png"]
    assert main(["compress", *words]) == said.SOME_FAILED
    captured = capsys.readouterr()
    assert "1 files, " in captured.out and "in/sub: the folder cannot be read: Permission denied" in captured.err
    assert main(["compress", "in/sub", *words[1:]]) == said.IO
    assert "in/sub: the folder cannot be read" in capsys.readouterr().err


def test_one_of_several_folders_that_cannot_be_read_costs_itself(tree, capsys, monkeypatch):
    Path("closed").mkdir()
    walk = os.walk

    def closed(folder, onerror):
        if folder != "closed":
            return walk(folder, onerror)
        onerror(PermissionError(13, "Permission denied", folder))
        return iter(())

    monkeypatch.setattr(os, "walk", closed)
    assert main(["compress", "-r", "in/sub", "closed", "-o", "out", "--lossless"]) == said.SOME_FAILED
    captured = capsys.readouterr()
    assert "closed: the folder cannot be read: Permission denied" in captured.err
    assert "2 files, " in captured.out and "1 failed" in captured.out


@pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not there: ./dev build")
def test_a_name_that_the_system_refuses_costs_itself(tree, capsys):
    long = 300 * "a" + ".png"
    for words in (["compress", "in/a.png", long, "-o", "out/", "-f"], ["info", long], ["eval", "in/a.png", long]):
        theirs, ours = answers(words, capsys)
        assert ours == theirs and "a.png: cannot be read: File name too long" in ours.err
        assert ours.code == (said.SOME_FAILED if words[0] == "compress" else said.IO)
    assert Path("out/a.vrs").is_file()
    assert answers(["compress", "in/a.png", "", "-o", "out/", "-f"], capsys)[1].code == said.SOME_FAILED


def test_a_file_below_a_closed_folder_costs_itself(tree, capsys, monkeypatch):
    """Root opens all of them: so the system is made to refuse one."""
    stat = Path.stat

    def refused(path, **how):
        if path.parts[:1] == ("closed",):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **how)

    monkeypatch.setattr(Path, "stat", refused)
    words = ["compress", "in/a.png", "closed/x.png", "-o", "out/", "--lossless"]
    assert main(words) == said.SOME_FAILED
    assert "error[io]: closed/x.png: cannot be read" in capsys.readouterr().err and Path("out/a.vrs").is_file()


def test_what_lacks_memory_costs_itself(tree, capsys, monkeypatch):
    load = pictures.loaded_upright

    def tight(image):
        if image.filename == "in/sub/b.png":
            raise MemoryError
        return load(image)

    monkeypatch.setattr(pictures, "loaded_upright", tight)
    text = "vaerans: error[arena_full]: in/sub/b.png: there is not enough memory\n"
    assert main(["compress", "in/sub/b.png", "in/a.png", "-o", "out/", "--lossless"]) == said.SOME_FAILED
    assert capsys.readouterr().err == text and Path("out/a.vrs").is_file()
    assert main(["compress", "in/sub/b.png", "--convert"]) == said.IO and capsys.readouterr().err == text
    (refused,) = v.compress(["in/sub/b.png"], context=v.Context(on_error="collect"))
    assert isinstance(refused, v.errors.ArenaFull)

    monkeypatch.setattr(api, "verify", lambda data, full: np.zeros(1 << 50))  # a MemoryError that is NumPy's
    assert main(["verify", "out/a.vrs"]) == said.IO
    assert capsys.readouterr().err == "vaerans: error[arena_full]: out/a.vrs: there is not enough memory\n"


def test_a_latent_is_shown_as_such(tree, capsys):
    latent = np.zeros((4, 2, 3), np.float32)
    Path("l.vrs").write_bytes(v.compress_latent(latent, "quantize | ans"))
    assert main(["info", "l.vrs"]) == 0
    theirs = subprocess.run([PROGRAM, "info", "l.vrs"], capture_output=True, text=True).stdout
    assert capsys.readouterr().out == theirs and "Latent4 4 x 2 x 3" in theirs


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        ("compress gone.png", 5, "error[io]: gone.png: cannot be read: No such file or directory"),
        ("compress in", 2, "error[usage]: in is a folder: -r takes the files in it"),
        ("compress in -r", 2, "error[usage]: -r needs -o FOLDER"),
        ("compress in/a.png -o b.jpg", 2, "compress writes .vrs files, whatever their name says; use b.vrs"),
        ("compress in/a.png -o no/b.vrs", 5, "error[io]: no/b.vrs: cannot be written: No such file or directory"),
        ("compress in/a.png -q 500", 2, "must be between 1 and 100, not 500"),
        ("compress in/a.png -q 5 --bpp 1", 2, "not allowed with argument"),
        ("compress in/a.png --target-size some", 2, "a size such as 20000, 20k, 1.5M or 64Ki is needed, not 'some'"),
        ("compress in/a.png -m nope", 4, "error[model_not_found]: in/a.png: no model 'nope'"),
        ("decompress in/notes.txt", 3, "error[corrupt_stream]: in/notes.txt: this is not a .vrs file"),
        ("eval in in", 2, "in is a folder: -r takes the files in it"),
        ("compres in/a.png", 2, "there is no command 'compres'; for a file: vaerans compress FILE"),
        ("in/a.png", 2, "there is no command 'in/a.png'"),
    ],
)
def test_errors_are_those_of_the_program(tree, capsys, words, code, text):
    try:
        got = main(words.split())
    except SystemExit as end:
        got = end.code
    assert got == code and text in capsys.readouterr().err


def test_a_file_is_not_written_over_itself(tree, img, capsys):
    v.save("a.vrs", img, lossless=True)
    Path("link.vrs").symlink_to("a.vrs")
    for target in ("a.vrs", "link.vrs"):
        assert main(["strip", "a.vrs", "-o", target, "--force"]) == 2
        assert "would be written over itself" in capsys.readouterr().err


@pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not there: ./dev build")
@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("compress in/a.png b.vrs", "b.vrs: there is no such file; to write to it, say: in/a.png -o b.vrs"),
        ("compress in/a.png in/sub/a.png -o out", "in/a.png and in/sub/a.png would both be written to out/a.vrs"),
        ("compress in/a.png in/a.png", "in/a.png and in/a.png would both be written to in/a.vrs"),
        ("compress in/a.png in/sub/b.png -o f.vrs", "with several inputs -o is a folder, and f.vrs is a file"),
        ("compress in/a.png in/sub/b.png -o -", "several files cannot go to one stdout: name a folder with -o"),
        ("strip f.vrs g.vrs -o .", "f.vrs would be written over itself; is it the right command?"),
        ("decompress f.vrs -o f.vrs -f", "f.vrs would be written over itself; is it the right command?"),
        ("info f.vrs --preview -", "--preview - and what info says would mix on stdout; name a file"),
        ("info f.vrs g.vrs --preview p.png", "--preview writes one picture, so it goes with one file"),
        ("info in -r --preview p.png", "--preview writes one picture, so it goes with one file"),
    ],
)
def test_what_contradicts_itself_is_refused_before_any_work(tree, img, capsys, words, text):
    for name in ("f.vrs", "g.vrs"):
        v.save(name, img, lossless=True, preview=True)
    Image.fromarray(img).save("in/sub/a.png")
    there = {path: path.stat().st_mtime_ns for path in tree.rglob("*") if path.is_file()}
    theirs, ours = answers(words.split(), capsys)
    assert ours == theirs and ours.code == 2 and ours.err.startswith(f"vaerans: error[usage]: {text}")
    assert there == {path: path.stat().st_mtime_ns for path in tree.rglob("*") if path.is_file()}


def test_a_link_to_what_is_not_there_yet_is_followed(tree, img):
    Path("folder").mkdir()
    Path("l.vrs").symlink_to("folder/there.vrs")
    Path("lost.vrs").symlink_to("nowhere/there.vrs")
    assert main(["compress", "in/a.png", "-o", "l.vrs", "--lossless"]) == 0
    assert Path("l.vrs").is_symlink() and v.file_info("folder/there.vrs").lossless
    assert main(["compress", "in/a.png", "-o", "l.vrs", "--lossless"]) == said.IO  # there is one by now
    assert main(["compress", "in/a.png", "-o", "lost.vrs", "--lossless", "-f"]) == said.IO
    assert Path("lost.vrs").is_symlink() and not Path("nowhere").exists()


@pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not there: ./dev build")
def test_plugins_stand_anywhere(tree, capsys):
    for words in ("--plugin no.so models", "models --plugin no.so", "models list --json --plugin=no.so"):
        theirs, ours = answers(words.split(), capsys)
        assert ours == theirs and ours.code == said.IO and "no.so: the plugin cannot be read" in ours.err


def test_a_folder_that_cannot_be_made_is_said(tree, capsys):
    assert main(["compress", "in/a.png", "-o", "in/notes.txt/out/"]) == said.IO
    assert "error[io]: in/notes.txt/out: the folder cannot be made: Not a directory" in capsys.readouterr().err


def test_metadata_come_back_with_the_pixels(tree, img):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(img).save("p.png", icc_profile=profile)
    assert main(["compress", "p.png", "--lossless"]) == 0
    for name in ("q.png", "q.webp", "q.tif"):
        assert main(["decompress", "p.vrs", "-o", name]) == 0
        back = Image.open(name)
        assert back.info["icc_profile"] == profile
        np.testing.assert_array_equal(np.asarray(back), img)  # WebP, too, is written losslessly
    assert main(["decompress", "p.vrs", "-o", "s.png", "--strip"]) == 0
    assert "icc_profile" not in Image.open("s.png").info


def test_what_no_format_holds_is_an_error(tree, img, capsys):
    assert main(["compress", "in/a.png", "-o", "a.vrs", "--lossless"]) == 0
    assert main(["decompress", "a.vrs", "-o", "a.foo"]) == 2
    assert ".foo: no picture format that can be written" in capsys.readouterr().err
    assert main(["decompress", "a.vrs", "-o", "a.npy"]) == 0
    np.testing.assert_array_equal(np.load("a.npy"), img)
    assert main(["decompress", "a.vrs", "-o", "part.png", "--region", "1,2,5,4"]) == 0
    np.testing.assert_array_equal(np.asarray(Image.open("part.png")), img[2:6, 1:6])


def test_control_characters_are_shown_escaped(tree, img, capsys):
    Image.fromarray(img).save("e\x1b[31m\n.png")
    assert main(["compress", "e\x1b[31m\n.png", "--lossless"]) == 0
    assert main(["compress", "gone\x1b\n.png"]) == 5
    captured = capsys.readouterr()
    assert "e\\x1b[31m\\x0a.png -> " in captured.out and "gone\\x1b\\x0a.png: cannot be read" in captured.err


def test_it_is_a_program(tree):
    command = [sys.executable, "-m", "vaerans_ecs"]
    data = Path("in/a.png").read_bytes()
    made = subprocess.run([*command, "compress", "-", "-o", "-", "--lossless"], input=data, capture_output=True)
    assert made.returncode == 0 and made.stdout.startswith(b"\xf6VRS") and made.stderr.startswith(b"stdin -> stdout")
    said_of = subprocess.run([*command, "--version"], capture_output=True, text=True)
    assert said_of.stdout.startswith(f"vaerans {v.__version__}\nONNX Runtime ")


@pytest.mark.long
def test_the_programs_own_tests(tmp_path):
    """What differs in words or is the program's alone is left out."""
    door = tmp_path / "vaerans"
    door.write_text(f'#!/bin/sh\nexec {sys.executable} -m vaerans_ecs "$@"\n')
    door.chmod(0o755)
    left = (
        "completion manual progress_bar interrupted largest_error terminal_would info region_says before_1 full_device "
        "streams_are_summed"
    )
    names = ("files/test_folders", "files/test_folders_back", "pictures/test_round_trip", "files/test_files")
    files = [ROOT / "tests" / "cli" / f"{name}.py" for name in (*names, "files/test_chunks")]
    words = ["-q", "-m", "not long", "-k", " and ".join(f"not {word}" for word in left.split()), *files]
    environment = {**os.environ, "VAERANS_CLI": str(door)}
    command = [sys.executable, "-m", "pytest", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout[-4000:]
