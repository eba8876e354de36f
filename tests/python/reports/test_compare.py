"""eval.compare: several results in one page, whatever they come from."""

import json

import numpy as np
import pytest

pytest.importorskip("jinja2")

import vaerans_ecs as v
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


def test_nothing_is_no_comparison():
    with pytest.raises(ValueError, match="nothing to compare"):
        compare({})


def test_widths_are_shares_of_the_largest(results):
    data = compare(results).data
    assert data["most_bytes"] == max(row["bytes"] or 0 for row in data["rows"])
    assert np.isclose(data["slowest"], max(row["seconds"] or 0 for row in data["rows"]))
