"""The driver of the benchmarks: a tiny run has results of the promised shape; the committed ones are the document's."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "build" / "release" / "bin" / "vaerans_bench"
TOPICS = {"rans", "small_streams", "transforms", "metrics", "pipeline", "inference", "latents"}
COMMITTED = sorted((ROOT / "bench" / "results").glob("*.json"))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results of a tiny run on one made-up photo, by topic."""
    if not PROGRAM.is_file():
        pytest.skip("vaerans_bench is not built")
    for peer in ("constriction", "pywt", "skimage", "onnxruntime"):
        pytest.importorskip(peer)
    folder = tmp_path_factory.mktemp("bench")
    rng = np.random.default_rng(1)
    smooth = np.cumsum(rng.normal(0, 4, (64, 96, 3)), axis=1) + 128
    Image.fromarray(smooth.clip(0, 255).astype(np.uint8)).save(folder / "photo.png")
    command = [sys.executable, ROOT / "bench" / "run.py", "--scale", "tiny", "--photos", folder, "--results", folder]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}


def check_shape(result):
    origin = result["provenance"]
    assert {"commit", "date", "cpu", "threads", "repetitions", "compiler", "peers"} <= origin.keys()
    assert all(isinstance(version, str) and version for version in origin["peers"].values())
    assert result["rows"]
    for row in result["rows"]:
        assert list(row) == ["name", "unit", "ours", "peer", "theirs", "ratio"]
        assert all(math.isfinite(row[key]) and row[key] > 0 for key in ("ours", "theirs", "ratio")), row
        more, less = row["ours"] / row["theirs"], row["theirs"] / row["ours"]
        better = more if row["unit"].endswith("/s") else less
        assert row["ratio"] == pytest.approx(better, rel=2e-3), row
    names = [(row["name"], row["peer"]) for row in result["rows"]]
    assert len(set(names)) == len(names)


def test_every_topic_has_rows_of_the_promised_shape(results):
    assert results.keys() == TOPICS
    for topic, result in results.items():
        assert result["topic"] == topic
        check_shape(result)


def test_every_stream_is_compared_with_every_peer(results):
    found = {(row["name"].split(",")[0], row["peer"].split()[0]) for row in results["rans"]["rows"]}
    streams = {name for name, _ in found}
    assert {"Laplace 2.0 bit", "Laplace 4.4 bit", "Laplace 6.4 bit", "Kodak residual HH"} <= streams
    assert {(name, "constriction") for name in streams} <= found
    if results["rans"]["provenance"]["peers"]["htscodecs"] != "not found":
        assert {(name, "htscodecs") for name in streams} <= found


def test_without_photos_their_rows_are_left_out_with_a_reason(tmp_path):
    if not PROGRAM.is_file():
        pytest.skip("vaerans_bench is not built")
    run = ROOT / "bench" / "run.py"
    command = [sys.executable, run, "--scale", "tiny", "--photos", tmp_path, "--topic", "small_streams"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    assert "small_streams: no rows: there are no photos" in done.stdout


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_committed_results(path):
    result = json.loads(path.read_text("utf-8"))
    check_shape(result)
    assert result["provenance"]["scale"] == "full"


def test_the_document_shows_the_committed_results(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    import report

    committed = {path.stem: json.loads(path.read_text("utf-8")) for path in COMMITTED}
    text = (ROOT / "docs" / "benchmarking.md").read_text("utf-8")
    for result in committed.values():
        assert report.table(result) in text
