"""The list of released generations: all of them decode, and whatever breaks one is found."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .small_generations import NAME, write_generation

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "tools" / "release"))
import check  # noqa: E402
import generations as released  # noqa: E402
import ship  # noqa: E402

# What format 1.0 was frozen with. A generation that was released never leaves the list.
FROZEN_WITH_1_0 = {"photo-f8c32@8a2b87d570770c6a", "photo-f8c4@d83e0a976cc08379"}


def test_every_released_generation_decodes_as_on_its_first_day():
    report = check.check(ROOT)
    assert report.problems == []
    assert {one.reference for one in report.generations} >= FROZEN_WITH_1_0
    assert all(len(one.files) == len(ship.QUALITIES) for one in report.generations)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project that has shipped one generation of `twin`, in a git repository of its own."""
    root = tmp_path / "project"
    monkeypatch.setenv("VAERANS_MODEL_PATH", str(root / "models"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    write_generation(root / "models" / NAME, "1", 1)
    (root / "examples/pictures").mkdir(parents=True)
    shutil.copy(ROOT / "examples/pictures/lake.png", root / "examples/pictures")
    released.write_list(root, [])
    ship.add(root, NAME)
    git(root, "init", "-q")
    commit(root)
    return root


def git(root, *words):
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)


def commit(root):
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "state")


def replace(root, revision="2", gain=4):
    shutil.rmtree(root / "models" / NAME)
    write_generation(root / "models" / NAME, revision, gain)


def only_problem(root):
    (problem,) = check.check(root).problems
    return problem


def test_shipping_the_next_generation(project):
    assert check.check(project).problems == []
    first = released.read_list(project)[0]
    ship.retire(project, NAME)
    replace(project)
    assert "not on the list" in check.check(project).problems[0]
    second = ship.add(project, NAME)
    assert check.check(project).problems == []
    assert (second.name, second.revision) == (NAME, "2") and second.hash != first.hash
    there = sorted(path.name for path in (project / "models/released" / first.reference).iterdir())
    assert there == ["decoder.onnx", "model.json"]
    assert len(check.check(project).lines) == 2


def test_a_decoder_that_was_overwritten_is_brought_back_from_git(project):
    first = released.read_list(project)[0]
    replace(project)
    commit(project)
    ship.add(project, NAME)
    assert f"ship.py retire {first.reference}" in only_problem(project)
    ship.retire(project, first.reference)
    assert check.check(project).problems == []
    with pytest.raises(ValueError, match="there already"):
        ship.retire(project, first.reference)


def test_what_was_never_released_is_not_kept(project):
    with pytest.raises(ValueError, match="never released"):
        ship.retire(project, "draft")
    with pytest.raises(ValueError, match="already"):
        ship.add(project, NAME)


def test_other_pixels_are_found(project):
    path = project / released.LIST
    entries = json.loads(path.read_text())
    entries["generations"][0]["files"][1]["pixels_sha256"] = "0" * 64
    path.write_text(json.dumps(entries))
    assert "decodes to other pixels than on its first day" in only_problem(project)


@pytest.mark.parametrize("bytes_of", [lambda data: data[:-1], lambda data: data + b"\0"])
def test_a_golden_file_that_changed_is_found(project, bytes_of):
    golden = project / released.GOLDEN / released.read_list(project)[0].files[0].file
    golden.write_bytes(bytes_of(golden.read_bytes()))
    assert "the golden file itself was changed" in only_problem(project)
    golden.unlink()
    assert "is gone" in only_problem(project)


def test_another_prior_is_found(project):
    card = project / "models" / NAME / "model.json"
    (card.parent / "prior.bin").write_bytes(b"prior")
    entries = json.loads(card.read_text()) | {"prior": {"file": "prior.bin", "sha256": released.sha256(b"prior")}}
    card.write_text(json.dumps(entries))
    assert "another prior" in check.check(project).problems[0]


def test_what_takes_room_for_nothing_is_found(project):
    one = released.read_list(project)[0]
    encoder = (project / "models" / NAME / "encoder.onnx").read_bytes()
    ship.retire(project, NAME)
    assert "the same weights" in only_problem(project)
    replace(project)
    ship.add(project, NAME)
    (project / "models/released" / one.reference / "encoder.onnx").write_bytes(encoder)
    assert "leave the encoder out" in only_problem(project)


def test_a_stale_list_for_the_web_is_found(project):
    (project / "models/models.json").write_text('{"models": {}}')
    assert "models.json is not current" in only_problem(project)
