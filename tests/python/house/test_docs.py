"""What documents name exists, and what they tabulate is what was measured."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def tools(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools" / "lint"))
    monkeypatch.syspath_prepend(str(ROOT / "tools" / "evaluate"))


def test_links_files_and_functions_exist():
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "lint" / "check_docs.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_a_name_that_is_not_there_is_found():
    from doc_names import unknown_names

    good = "`compress()` and `src/api/compress/compress.cpp`\n`World::spawn_image()`, `a | b`\n"
    text = good + "`never_written()`\n`src/never_written.cpp`\n"
    assert list(unknown_names(ROOT, text)) == [
        (3, "no source has never_written()"),
        (4, "no such file: src/never_written.cpp"),
    ]


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    from check_docs import broken_links

    page = tmp_path / "page.md"
    page.write_text("# One heading\n[good](#one-heading) [bad](#another)\n[gone](gone.md)\n")
    assert list(broken_links(page)) == [(2, "no heading '#another' in page.md"), (3, "no such file: gone.md")]


def test_the_walk_enters_every_room():
    walk = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    walk = walk.partition("## Follow one picture")[2].partition("## Six ideas")[0]
    rooms = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()} - {"base"}
    assert {room for room in rooms if f"`src/{room}" not in walk} == set()


def test_tables_hold_the_measured_figures():
    from table import all_settings, sentences

    data = json.loads((ROOT / "docs" / "kodak.json").read_text(encoding="utf-8"))
    assert sentences(data["models"], data["peers"]) in (ROOT / "README.md").read_text(encoding="utf-8")
    assert all_settings(data["models"]) in (ROOT / "docs" / "benchmarking.md").read_text(encoding="utf-8")


def test_the_tables_of_low_rates_hold_the_measured_figures():
    pytest.importorskip("scipy")
    from low_rates_table import all_rates, some_rates

    result = json.loads((ROOT / "docs" / "low_rates.json").read_text(encoding="utf-8"))
    assert some_rates(result) in (ROOT / "README.md").read_text(encoding="utf-8")
    assert all_rates(result) in (ROOT / "docs" / "benchmarking.md").read_text(encoding="utf-8")


def test_a_rate_between_two_points_is_read_off_the_line():
    pytest.importorskip("scipy")
    from wavelet_table import read_off

    points = [{"bpp": 0.4, "psnr": 30.0}, {"bpp": 0.1, "psnr": 26.0}]
    assert read_off(points, 0.2, "psnr") == pytest.approx(28.0)  # half-way in log(bpp)
    assert np.isnan(read_off(points, 0.5, "psnr"))
