"""`vaerans models` and `vaerans systems` of the package say what the program's do."""

import json
import re
import shutil
import subprocess

import pytest
from vaerans_ecs.cli.models import WORK
from vaerans_ecs.cli.run import main

from .both_commands import PROGRAM, ROOT, answers, commands, options

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not there: ./dev build")


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A folder of models with a broken one, and a user's folder that is empty."""
    (tmp_path / "models/broken").mkdir(parents=True)
    (tmp_path / "models/broken/decoder.onnx").write_bytes(b"no graph")
    monkeypatch.setenv("VAERANS_MODEL_PATH", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def both(words, capsys):
    """What the program and the command say, and that they end alike."""
    theirs, ours = answers(words, capsys)
    assert ours.code == theirs.code, theirs.err
    return theirs.out, ours.out


@pytest.mark.parametrize("words", ["systems", "systems ans vae ms_ssim", "systems quantize_bands"])
def test_systems_in_words(capsys, words):
    theirs, ours = both(words.split(), capsys)
    assert ours == theirs and len(ours) > 100


def test_systems_as_json(capsys):
    theirs, ours = both(["systems", "--json"], capsys)
    assert json.loads(ours) == json.loads(theirs)


@pytest.mark.parametrize("words", ["info photo-f8c4", "verify photo-f8c4", "diff photo-f8c4 photo-f8c32"])
def test_models_in_words_and_as_json(capsys, monkeypatch, words):
    monkeypatch.setenv("VAERANS_MODEL_PATH", str(ROOT / "models"))
    theirs, ours = both(["models", *words.split()], capsys)
    assert ours == theirs and len(ours) > 100
    theirs, ours = both(["models", *words.split(), "--json"], capsys)
    assert json.loads(ours) == json.loads(theirs)


def test_all_models_are_listed(capsys, monkeypatch):
    monkeypatch.setenv("VAERANS_MODEL_PATH", str(ROOT / "models"))
    assert both(["models"], capsys) == both(["models", "list"], capsys)
    theirs, ours = both(["models", "list"], capsys)
    first_words = re.compile(r"(?m)^(\S+) ")
    assert first_words.findall(ours) == first_words.findall(theirs) and "photo-f8c64" in ours
    theirs, ours = both(["models", "list", "--json"], capsys)
    theirs, ours = ({one["name"]: one for one in json.loads(said)} for said in (theirs, ours))
    for one in (*theirs.values(), *ours.values()):
        assert one.pop("generations")[0]["name"].startswith(one["name"] + "@")  # the package's own folder has them, too
    assert ours == theirs


def test_broken_models_are_named(places, capsys):
    said = subprocess.run([PROGRAM, "models", "list"], capture_output=True, text=True).stderr
    assert main(["models", "list"]) == 0
    assert capsys.readouterr().err == said and said.startswith("left out: broken: ")


def test_a_model_is_fetched_added_and_removed(places, capsys):
    shutil.copytree(ROOT / "models/photo-f8c4", places / "store/photo-f8c4")
    assert main(["models", "index", "store"]) == 0
    assert capsys.readouterr().out == "store/models.json: 1 model\n"
    hash = next(iter(json.loads((places / "store/models.json").read_text())["models"]))
    assert main(["models", "fetch", hash[:20], "--from", "store", "--encoder", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hash"] == hash
    assert main(["models", "add", "store/photo-f8c4", "--name", "mine"]) == 0
    assert capsys.readouterr().out == f"mine added: {places}/user/vaerans/models/mine\n"
    assert main(["models", "remove", "mine"]) == 0
    assert capsys.readouterr().out == "mine removed\n"
    assert main(["models", "info", "mine"]) == 4


def test_a_hash_of_seven_digits(places, capsys, monkeypatch):
    """Both commands say alike what is wrong with it."""
    monkeypatch.setenv("VAERANS_MODEL_PATH", str(ROOT / "models"))
    command = ["models", "info", "photo-f8c4@8a2b87d"]
    done = subprocess.run([PROGRAM, *command], capture_output=True, text=True)
    assert (main(command), done.returncode) == (4, 4)
    first, wanted = (said.partition(". Models")[0] for said in (capsys.readouterr().err, done.stderr))
    assert first == wanted and first.endswith("as `vaerans models info NAME` shows it; there are 7")


def test_the_commands_and_options_are_those_of_the_program():
    below = commands(commands()["models"])
    help = subprocess.run([PROGRAM, "models", "--help"], capture_output=True, text=True).stdout
    assert set(below) == set(WORK) == set(re.findall(r"(?m)^  ([a-z]+) ", help.partition("Subcommands:")[2]))
    for name, made in below.items():
        theirs = subprocess.run([PROGRAM, "models", name, "--help"], capture_output=True, text=True).stdout
        assert options(made) == set(re.findall(r"(?m)^ .*?(--[a-z]+)", theirs)), name
