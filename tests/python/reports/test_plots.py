"""viz.plots: figures with the right axes, labels and data, without pyplot."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure
from vaerans_ecs.viz import histogram, rd_curve, residual_map

POINTS = [{"bpp": 0.5, "psnr": 31.0, "ms_ssim": 0.97}, {"bpp": 0.1, "psnr": 25.0, "ms_ssim": 0.9}]
ANCHORS = {
    "about": "mean over a folder",
    "kodak": {"jpeg": POINTS, "webp": [{"bpp": 0.2, "psnr": 27.0, "ms_ssim": 0.92}]},
    "published": {"source": "somewhere", "factorized": [[0.12, 26.9, 0.91], [0.3, 29.6, 0.95]]},
    "transforms": {"about": "times", "forward": 96},
}


def lines(figure):
    return {line.get_label(): line.get_xydata().tolist() for line in figure.axes[0].lines}


def test_rd_curve_of_one_list_is_sorted_by_rate():
    figure = rd_curve(POINTS)
    assert isinstance(figure, Figure)
    (xy,) = lines(figure).values()
    assert xy == [[0.1, 25.0], [0.5, 31.0]]
    assert figure.axes[0].get_legend() is None


@pytest.mark.parametrize(("metric", "label"), [("psnr", "PSNR / dB"), ("ms_ssim", "MS-SSIM")])
def test_rd_curve_reads_the_layout_of_the_anchors(metric, label):
    figure = rd_curve(ANCHORS, metric=metric, title="Kodak")
    ax = figure.axes[0]
    assert ax.get_xlabel() == "rate / bits per pixel"
    assert ax.get_ylabel() == label
    assert ax.get_title() == "Kodak"
    assert set(lines(figure)) == {"jpeg", "webp", "factorized"}
    assert lines(figure)["factorized"][0] == [0.12, 26.9 if metric == "psnr" else 0.91]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["jpeg", "webp", "factorized"]


def test_rd_curve_draws_into_given_axes_and_leaves_out_what_is_not_finite():
    ax = Figure().add_subplot()
    figure = rd_curve({"a": [*POINTS, {"bpp": 9.0, "psnr": float("inf")}, {"bpp": 3.0}]}, ax=ax)
    assert figure is ax.figure
    assert len(lines(figure)["a"]) == 2


def test_rd_curve_refuses_unknown_metrics_and_empty_curves():
    with pytest.raises(ValueError, match="unknown metric 'vmaf'"):
        rd_curve(POINTS, metric="vmaf")
    with pytest.raises(ValueError, match="no point has both bpp and ssim"):
        rd_curve(POINTS, metric="ssim")


def test_histogram_of_symbols_has_a_bar_for_each_and_their_entropy():
    figure = histogram(np.array([[0, 0, 1, 7]], np.uint8))
    ax = figure.axes[0]
    assert [(bar.get_x() + 0.5, bar.get_height()) for bar in ax.patches] == [(0, 2), (1, 1), (7, 1)]
    assert ax.get_xlabel() == "symbol"
    assert ax.get_yscale() == "log"
    assert ax.get_legend().get_texts()[0].get_text() == "n = 4, entropy 1.500 bits/symbol"


def test_histogram_of_floats_keeps_every_value():
    figure = histogram(np.linspace(-1, 1, 1000, dtype=np.float32), bins=10, log=False)
    assert len(figure.axes[0].patches) == 10
    assert sum(bar.get_height() for bar in figure.axes[0].patches) == 1000
    assert figure.axes[0].get_xlabel() == "value"


@pytest.mark.parametrize("values", [[], [1.0, np.nan]])
def test_histogram_refuses_nothing_and_nan(values):
    with pytest.raises(ValueError, match="at least one value"):
        histogram(np.array(values))


def test_residual_map_shows_signed_levels():
    original = np.full((4, 6, 3), 100, np.uint8)
    decoded = original.copy()
    decoded[1, 2] = (103, 106, 100)
    figure = residual_map(original, decoded, gain=10)
    ax, bar = figure.axes
    shown = np.asarray(ax.images[0].get_array())
    assert shown.shape == (4, 6)
    assert shown[1, 2] == -3
    assert np.count_nonzero(shown) == 1
    assert ax.images[0].get_clim() == (-25.5, 25.5)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x / pixels", "y / pixels")
    assert "levels" in bar.get_ylabel()


def test_residual_map_refuses_two_shapes_and_no_gain():
    image = np.zeros((4, 6, 3), np.uint8)
    with pytest.raises(ValueError, match="one shape"):
        residual_map(image, image[:2])
    with pytest.raises(ValueError, match="gain"):
        residual_map(image, image, gain=0)


def test_figures_are_written_without_pyplot(tmp_path):
    program = (
        "import sys; from vaerans_ecs.viz import rd_curve;"
        f"rd_curve([(0.1, 25), (0.2, 27)]).savefig({str(tmp_path / 'plot.png')!r});"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert (tmp_path / "plot.png").stat().st_size > 1000
