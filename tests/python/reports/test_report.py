"""eval.report: the page opens in a browser without an error or a request, and says what was put in."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("plotly")
pytest.importorskip("jinja2")

import vaerans_ecs as v
from vaerans_ecs.errors import FileError
from vaerans_ecs.eval import Report, compare, report
from vaerans_ecs.eval.summary import session_share


def load_samples():
    spec = importlib.util.spec_from_file_location("report_samples", Path(__file__).with_name("report_samples.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


samples = load_samples()
CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]

# Every chart lies within its panel (charts are drawn before the page has its columns).
FITS = """[...document.querySelectorAll(".js-plotly-plot")].every(chart =>
    chart.querySelector(".main-svg").getBoundingClientRect().right
    <= chart.closest(".panel").getBoundingClientRect().right)"""


def sample(**changes) -> Report:
    given = {"trace": samples.trace(), "file_info": samples.file_info(), "metrics": samples.METRICS, **changes}
    return report(*samples.pictures(), **given)


def test_json_is_what_was_put_in():
    data = json.loads(sample(rd={"this": samples.CURVE}, title="A title").json())
    assert data["title"] == "A title"
    assert data["trace"] == samples.trace()
    assert data["metrics"] == samples.METRICS
    assert data["rd"] == {"this": samples.CURVE}
    assert [(p["name"], p["bytes"]) for p in data["file"]["parts"]] == [
        (p["name"], p["bytes"]) for p in samples.file_info()["parts"]
    ]
    assert data["file"]["bytes"] == 180
    assert data["file"]["bpp"] == pytest.approx(8 * 180 / (96 * 64))
    assert data["file"]["recipe"] == samples.file_info()["recipe"]


def test_seconds_and_entropy_come_from_the_trace():
    data = sample().data
    encoder = data["systems"][0]
    assert encoder == pytest.approx({
        "system": "vae(photo-f8c4)", "calls": 1, "seconds": 0.050, "session_seconds": 0.045, "pixel_seconds": 0.003,
        "load_seconds": 0.2,
    })  # fmt: skip
    total = sum(record["seconds"] for record in samples.trace()) - 0.2
    assert session_share(samples.trace()) == pytest.approx((0.045 + 0.003 + 0.084 + 0.002) / total)
    steps = {step["system"]: step for step in data["entropy"]}
    assert steps["vae(photo-f8c4)"]["before"]["measured"]
    assert steps["quantize(step=0.5)"]["before"]["bits_per_value"] == 32
    assert steps["quantize(step=0.5)"]["after"]["bits_per_value"] == 2.1  # the coder's, by subband, where there is one
    assert steps["ans"]["before"]["bits_per_value"] == 2.1
    assert steps["dequantize"]["before"]["bits_per_value"] == 2.1
    assert steps["ans"]["after"]["bpp"] == pytest.approx(864 / (96 * 64))


def test_traces_and_file_infos_of_other_forms_give_the_same():
    class Info:
        parts = tuple((p["name"], p["bytes"]) for p in samples.file_info()["parts"])
        file_bytes, recipe, model = 180, samples.file_info()["recipe"], "photo-f8c4"

    class Trace:
        def to_json(self):
            return json.dumps(samples.trace())

    other = sample(trace=Trace(), file_info=Info()).data
    assert other["trace"] == sample().data["trace"]
    assert other["file"]["parts"] == sample().data["file"]["parts"]


def test_lossless_has_infinite_psnr_in_valid_json():
    result = sample(metrics={"psnr": float("inf"), "ssim": 1.0, "ms_ssim": 1.0}, rd=samples.CURVE)
    assert json.loads(result.json())["metrics"]["psnr"] == "inf"
    assert "∞ dB" in result.html()


def test_what_a_tiny_picture_has_no_number_for_is_left_blank():
    metrics = v.measure(np.zeros((5, 5, 3), np.uint8), np.full((5, 5, 3), 4, np.uint8))
    result = sample(metrics=metrics)
    told = json.loads(result.json(), parse_constant=pytest.fail)["metrics"]
    assert told["ssim"] == told["ms_ssim"] == told["ssimulacra2"] == "nan" and told["psnr"] == pytest.approx(
        36.09, abs=0.01
    )
    assert ">nan" not in (page := result.html()) and ">–" in page
    compared = compare({"tiny": {"metrics": metrics}})
    assert "<td>–</td>" in compared.html() and "nan" not in compared.html()
    json.loads(compared.json(), parse_constant=pytest.fail)


def test_files_without_a_model_have_a_page():
    picture, _ = samples.pictures()
    data = v.compress(picture, lossless=True)
    page = report(picture, v.decompress(data), trace=[], file_info=v.file_info(data), metrics={}).html()
    assert "lossless" in page and "predict" in page and "model" not in page.split("</header>")[0].split("<header>")[1]
    assert "1,000" in report(picture, picture, trace=[], file_info={"parts": [("all", 1000)]}, metrics={}).html()


def test_hostile_names_stay_text():
    nasty = "</script><img src=x onerror=alert(1)>"
    records = samples.trace()
    records[0]["system"] = nasty
    html = sample(trace=records, title=nasty).html()
    assert nasty not in html
    assert "&lt;/script&gt;&lt;img" in html


def test_save_writes_both_files_and_nothing_else(tmp_path):
    page, numbers = sample().save(tmp_path / "photo.v1")
    assert (page.name, numbers.name) == ("photo.v1.html", "photo.v1.json")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["photo.v1.html", "photo.v1.json"]
    assert json.loads(numbers.read_text())["file"]["bytes"] == 180
    with pytest.raises(FileError, match=r"nowhere/photo.html: cannot be written"):
        sample().save(tmp_path / "nowhere" / "photo")


def test_pictures_of_other_shapes_are_refused():
    original, decoded = samples.pictures()
    parts = {"trace": [], "file_info": {"parts": []}, "metrics": {}}
    with pytest.raises(ValueError, match="differ in shape"):
        report(original, decoded[:-1], **parts)
    with pytest.raises(ValueError, match="uint8"):
        report(original.astype(np.float32), decoded, **parts)


def test_missing_packages_name_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r"pip install 'vaerans-ecs\[report\]'"):
        sample().html()


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        instance = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield instance
        instance.close()


def wait_until(page, condition):
    """Polls from outside: the page's own policy forbids the eval() that wait_for_function needs."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"after 10 seconds still not: {condition}")


@pytest.mark.parametrize(("size", "scheme"), [((1280, 900), "light"), ((390, 844), "dark")])
def test_page_opens_without_errors_or_requests(browser, tmp_path, size, scheme):
    page_file, _ = sample(rd={"this": samples.CURVE}).save(tmp_path / "report")
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    messages, requests = [], []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.route("**/*", lambda route: (requests.append(route.request.url), route.continue_()))
    page.goto(page_file.as_uri())
    wait_until(page, "document.querySelectorAll('.main-svg').length >= 4")
    pictures = page.eval_on_selector_all("figure img", "all => all.map(i => [i.complete, i.naturalWidth])")
    charts = page.eval_on_selector_all(".js-plotly-plot", "all => all.map(c => c.id)")
    wait_until(page, FITS)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert messages == []
    assert [url for url in requests if not url.startswith("data:")] == [page_file.as_uri()]
    assert pictures == [[True, 96]] * 3
    assert charts == ["chart-parts", "chart-entropy", "chart-seconds", "chart-rate"]
    assert width == size[0]


def test_a_real_trace(tmp_path):
    """What the library gives, and no sample made by hand: symbols weigh what was coded, not the width of their type."""

    y, x = np.mgrid[0:64, 0:96]
    image = np.stack([2 * x, 3 * y, 255 - x - y], axis=2).astype(np.uint8)
    there, back = v.Context(trace=True), v.Context(trace=True)
    data = v.compress(image, pipeline="vae(photo-f8c4) | hadamard4 | cdf53 | quantize(step=1.5) | ans", context=there)
    decoded = v.decompress(data, context=back)
    made = report(
        image, decoded, trace=there.trace + back.trace, file_info=v.file_info(data), metrics=v.measure(image, decoded)
    )
    entropy = {row["system"].partition("(")[0]: row["after"] for row in made.data["entropy"]}
    measured = next(t for t in there.trace if t["system"].startswith("quantize"))
    assert entropy["quantize"]["bits_per_value"] == pytest.approx(measured["values"]["entropy_bits_per_symbol"])
    assert entropy["quantize"]["bits_per_value"] < 6 and entropy["ans_decode"] == entropy["quantize"]
    assert entropy["cdf53"]["bits_per_value"] == measured["outputs"][0]["entropy_bits"], "counted at the same step"
    assert all(row["after"]["measured"] for row in made.data["entropy"])
    assert "Content-Security-Policy" in made.html()
