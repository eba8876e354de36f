"""Hostile files fail with the errors pinned beside them, and the stored fuzz seeds are what their script makes."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ROOT / "tools" / "fuzz"
FOLDER = ROOT / "tests" / "must_fail"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def script():
    """The names of make_must_fail.py."""
    sys.path.insert(0, str(TOOLS))
    try:
        return runpy.run_path(str(TOOLS / "make_must_fail.py"))
    finally:
        sys.path.remove(str(TOOLS))


@pytest.mark.parametrize("label", sorted(EXPECTED))
def test_a_hostile_file_fails_as_pinned(script, label):
    data = (FOLDER / f"{label}.vrs").read_bytes()
    assert len(data) < 1024
    assert script["error_of"](data) == EXPECTED[label]


def test_every_file_is_pinned_and_made_by_the_script(script):
    stored = {path.stem: path.read_bytes() for path in FOLDER.glob("*.vrs")}
    assert stored.keys() == EXPECTED.keys()
    assert stored == script["cases"]()


def test_the_file_that_they_are_bent_from_is_good(script):
    # Otherwise a case could fail for another reason than the one it is named after.
    from vaerans_ecs import decompress_latent

    assert decompress_latent(script["GOOD"]).shape == (1, 1, 1)


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_seed_corpus_is_what_its_script_makes(tmp_path):
    subprocess.run([sys.executable, TOOLS / "make_corpus.py", tmp_path], check=True, capture_output=True)
    stored = contents(ROOT / "fuzz" / "corpus")
    assert stored == contents(tmp_path)
    assert sum(map(len, stored.values())) < 300_000


def test_every_fuzz_target_has_seeds():
    targets = {path.name.removesuffix("_fuzzer.cpp") for path in (ROOT / "fuzz").glob("*_fuzzer.cpp")}
    assert targets == {path.name for path in (ROOT / "fuzz" / "corpus").iterdir()}
