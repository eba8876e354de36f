"""eval.compare: several results in one page, whatever they come from."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jinja2")

import vaerans_ecs as v
from vaerans_ecs.errors import BadParameter, CorruptStream
from vaerans_ecs.eval import compare, report


@pytest.fixture
def results(img):
    """A report, its JSON, a file with its trace, and bare metrics."""
    made = {}
    for name, step in (("fine", 0.5), ("coarse", 4)):
        context = v.Context(trace=True)
        data = v.compress(img, pipeline=f"vae(photo-f8c4) | cdf53 | quantize(step={step}) | ans", context=context)
        made[name] = {"file_info": v.file_info(data), "trace": context.trace, "back": v.decompress(data)}
    fine, coarse = made["fine"], made["coarse"]
    metrics = v.measure(img, fine["back"])
    whole = report(img, fine["back"], trace=fine["trace"], file_info=fine["file_info"], metrics=metrics)
    return {
        "a report": whole,
        "its text": whole.json(),
        "a file": {"file_info": coarse["file_info"], "trace": coarse["trace"], "metrics": {"psnr": float("inf")}},
        "numbers": {"metrics": {"lpips": 0.25}},
    }


def test_rows_say_what_each_result_has(results):
    data = compare(results).data
    whole, text, file, numbers = data["rows"]
    assert whole["bytes"] == text["bytes"] == results["a report"].data["file"]["bytes"] > file["bytes"]
    assert whole["seconds"] == pytest.approx(sum(s["seconds"] for s in results["a report"].data["systems"]))
    assert sum(part["bytes"] for part in file["parts"]) == file["bytes"]
    assert file["metrics"]["psnr"] == "inf" and numbers["bytes"] is None and numbers["seconds"] is None
    assert data["metrics"] == ["psnr", "ssim", "ms_ssim", "ms_ssim_rgb", "ssimulacra2", "ms_ssim_scales", "lpips"]


def test_page_and_json(results, tmp_path):
    page, numbers = compare(results, title="<b>").save(tmp_path / "side-by-side.html")
    text = page.read_text("utf-8")
    assert "<title>&lt;b&gt;</title>" in text and "<script" not in text
    for name in results:
        assert f"<td>{name}<br>" in text
    assert "ans payload" in text and "∞" in text and "0.2500" in text
    assert json.loads(numbers.read_text("utf-8"))["rows"][3]["metrics"] == {"lpips": 0.25}


@pytest.mark.parametrize("nothing", [{}, [], None])
def test_nothing_is_no_comparison(nothing):
    with pytest.raises(BadParameter, match="nothing to compare"):
        compare(nothing)


@pytest.fixture
def files(tmp_path, monkeypatch, img):
    """a.vrs and b.vrs, and their bytes by these names; the working folder is theirs."""
    monkeypatch.chdir(tmp_path)
    made = {"a.vrs": v.compress(img, quality=80, mode="wavelet"), "b.vrs": v.compress(img, lossless=True)}
    for name, data in made.items():
        Path(name).write_bytes(data)
    return made


WAYS = {
    "one after the other": lambda *names: names,
    "a list": lambda *names: [list(names)],
    "paths": lambda *names: [[Path(name) for name in names]],
    "a generator": lambda *names: [(Path(name) for name in names)],
    "by name": lambda *names: [{name: name for name in names}],
    "open files": lambda *names: [{name: io.BytesIO(Path(name).read_bytes()) for name in names}],
    "bytes": lambda *names: [{name: Path(name).read_bytes() for name in names}],
    "what is in them": lambda *names: [{name: v.file_info(name) for name in names}],
}


@pytest.mark.parametrize("way", WAYS)
def test_files_are_taken_as_compress_and_decompress_take_them(files, img, way):
    rows = compare(*WAYS[way](*files)).data["rows"]
    assert [row["name"] for row in rows] == ["a.vrs", "b.vrs"]
    for row, data in zip(rows, files.values(), strict=True):
        assert row["bytes"] == len(data) == sum(part["bytes"] for part in row["parts"])
        assert row["bpp"] == pytest.approx(8 * len(data) / (64 * 96)) and row["recipe"] == v.file_info(data).recipe
        assert row["seconds"] is None and row["metrics"] == {}


def test_a_file_alone_and_a_report_that_was_saved(files, results, tmp_path):
    _, numbers = results["a report"].save(tmp_path / "r")
    saved, alone = compare(numbers).data["rows"], compare("b.vrs").data["rows"]
    assert saved == [{**compare(results).data["rows"][0], "name": str(numbers)}]
    assert [row["bytes"] for row in alone] == [len(files["b.vrs"])] and "<td>b.vrs<br>" in compare("b.vrs").html()


def test_a_latent_has_no_bits_per_pixel(latent, tmp_path):
    (tmp_path / "l.vrs").write_bytes(v.compress_latent(latent, "quantize | ans"))
    page = compare({"l": tmp_path / "l.vrs"})
    assert page.data["rows"][0]["bpp"] is None and page.data["rows"][0]["bytes"] > 0 and "<td>–</td>" in page.html()


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        ("gone.vrs", "gone.vrs' is no report, nor what one is made of: .*No such file"),
        (Path("gone.json"), "gone.json' is no report, nor what one is made of: .*No such file"),
        (Path(), "'.' is no report, nor what one is made of: .*Is a directory"),
        ([7], "'number 1' is no report, nor what one is made of: it is of type int"),
        (7, "'number 1' is no report, nor what one is made of: it is of type int"),
        (np.zeros((2, 2, 3), np.uint8), "'number 1' is no report, nor what one is made of: it is of type ndarray"),
        ({"a": None}, "'a' is no report, nor what one is made of: it is of type NoneType"),
        ('{"metrics": ', "'number 1' is no report"),
    ],
)
def test_what_is_no_result_is_named(files, bad, text):
    with pytest.raises(BadParameter, match=text):
        compare(bad)


def test_damaged_files_are_named(files):
    Path("cut.vrs").write_bytes(files["b.vrs"][:-20])
    Path("c.png").write_bytes(b"no .vrs file")
    with pytest.raises(CorruptStream, match=r"the result 'cut\.vrs': .*cut short"):
        compare("a.vrs", "cut.vrs")
    with pytest.raises(CorruptStream, match=r"the result 'c\.png': this is not a \.vrs file"):
        compare(["a.vrs", "c.png"])


def test_widths_are_shares_of_the_largest(results):
    data = compare(results).data
    assert data["most_bytes"] == max(row["bytes"] or 0 for row in data["rows"])
    assert np.isclose(data["slowest"], max(row["seconds"] or 0 for row in data["rows"]))
