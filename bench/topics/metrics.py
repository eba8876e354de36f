"""Picture quality on a 768x512 RGB pair, against scikit-image; the values have to be equal."""

from __future__ import annotations

import math
from collections.abc import Iterator

import inputs
from harness import PROCESSOR, Row, Run, best_of_rounds, less_is_better
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

NAME = "metrics"
TITLE = "Quality metrics"
LIBRARIES = ("scikit-image", "numpy")
THREADS, CLOCK = 1, PROCESSOR


def rows(run: Run) -> Iterator[Row]:
    a, b = inputs.picture_pair(inputs.photos(run.photos, 1))
    (run.data(NAME) / f"picture-{a.shape[1]}.pair").write_bytes(a.tobytes() + b.tobytes())
    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    jobs = {
        "psnr": lambda: peak_signal_noise_ratio(a, b, data_range=255),
        "ssim uniform": lambda: structural_similarity(a, b, channel_axis=2, data_range=255),
        "ssim gaussian": lambda: structural_similarity(a, b, channel_axis=2, data_range=255, **window),
    }
    best = best_of_rounds(run, NAME, {f"{name}/scikit-image": job for name, job in jobs.items()})
    for name, job in jobs.items():
        ours, theirs = best[f"{name}/vaerans"], best[f"{name}/scikit-image"]
        if not math.isclose(ours.counters["value"], job(), abs_tol=1e-6):
            raise RuntimeError(f"{name} is {ours.counters['value']}, but scikit-image says {job()}")
        yield less_is_better(f"{name}, 768×512 RGB", "ms", 1e3 * ours.seconds, "scikit-image", 1e3 * theirs.seconds)
