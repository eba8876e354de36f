"""The entropy coder on long streams, against htscodecs (rANS, C) and constriction (ANS, Rust, through Python).

Ours is the step `ans` ("vaerans"), and the kernel alone where the C++ program has a contender "vaerans kernel", which
like htscodecs writes into memory that is there. "categorical" is the kernel that writes constriction's own streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import constriction
import inputs
import numpy as np
from harness import PROCESSOR, Figures, Row, Run, best_of_rounds, less_is_better, more_is_better

NAME = "rans"
TITLE = "Entropy coding"
MODEL = "photo-f8c4"  # the residual is taken from its reconstruction
LIBRARIES = ("htscodecs", "constriction", "numpy")
THREADS, CLOCK = 1, PROCESSOR
ENTROPIES = (2.0, 4.4, 6.4)
CONTENDERS = {"vaerans": "", "vaerans kernel": ", kernel", "categorical": ", its own streams"}

AnsCoder = constriction.stream.stack.AnsCoder
Categorical = constriction.stream.model.Categorical


def rows(run: Run) -> Iterator[Row]:
    streams = symbols(run)
    for name, stream in streams.items():
        stream.tofile(run.data(NAME) / f"{name}.symbols")
    peers: dict[str, Callable[[], object]] = {}
    words: dict[str, np.ndarray] = {}
    for name, stream in streams.items():
        encode, decode = constriction_jobs(name, stream, words)
        peers |= {f"{name}/encode/constriction": encode, f"{name}/decode/constriction": decode}
    best = best_of_rounds(run, NAME, peers)
    for name, stream in streams.items():
        best[f"{name}/encode/constriction"].counters["bytes"] = float(words[name].nbytes)
        yield from rows_of(name, stream, best)


def symbols(run: Run) -> dict[str, np.ndarray]:
    streams = {f"Laplace {bits} bit": inputs.laplacian(bits, run.scale.symbols) for bits in ENTROPIES}
    pictures = inputs.photos(run.photos, run.scale.photos)
    if not pictures:
        print(f"rans: no rows on residual bands: there are no photos in {run.photos}")
        return streams
    return streams | {
        f"Kodak residual {band}": values for band, values in inputs.residual_bands(pictures, MODEL).items()
    }


def constriction_jobs(name: str, stream: np.ndarray, words: dict[str, np.ndarray]) -> tuple[Callable, Callable]:
    """Encode and decode with the stream's own frequencies. The model's table is made anew, but not stored: its size
    does not count for constriction."""
    wide = stream.astype(np.int32)

    def model() -> Categorical:
        counts = np.bincount(stream, minlength=2)
        return Categorical(counts / counts.sum(), perfect=False)

    def encode() -> None:
        coder = AnsCoder()
        coder.encode_reverse(wide, model())
        words[name] = coder.get_compressed()

    table = model()

    def decode() -> None:
        if AnsCoder(words[name]).decode(table, len(stream))[-1] != stream[-1]:
            raise RuntimeError("constriction did not give the symbols back")

    return encode, decode


def rows_of(name: str, stream: np.ndarray, best: dict[str, Figures]) -> Iterator[Row]:
    ideal = inputs.entropy(np.bincount(stream)) * len(stream) / 8
    for way in ("encode", "decode"):
        for ours, label in CONTENDERS.items():
            if f"{name}/{way}/{ours}" not in best:
                continue
            speed = rate(stream, best[f"{name}/{way}/{ours}"])
            for peer in peers_of(name, way, best, ours):
                theirs = rate(stream, best[f"{name}/{way}/{peer}"])
                yield more_is_better(f"{name}, {way}{label}", "MB/s", speed, peer, theirs)
    same = [best[f"{name}/encode/{coder}"].counters["bytes"] for coder in ("categorical", "constriction")]
    if same[0] != same[1]:
        raise RuntimeError(f"{name}: our stream for constriction has {same[0]} bytes, its own {same[1]}")
    ours_percent = percent_over(best[f"{name}/encode/vaerans"], ideal)
    for peer in peers_of(name, "encode", best, "vaerans"):
        theirs_percent = percent_over(best[f"{name}/encode/{peer}"], ideal)
        yield less_is_better(f"{name}, size", "% over entropy", ours_percent, peer, theirs_percent)


def peers_of(name: str, way: str, best: dict[str, Figures], ours: str) -> list[str]:
    """constriction, and of htscodecs' CPU paths the fastest; the coder of constriction's streams meets that alone."""
    prefix = f"{name}/{way}/"
    if ours == "categorical":
        return ["constriction"]
    paths = [k.removeprefix(prefix) for k in best if k.startswith(prefix + "htscodecs")]
    fastest = sorted(paths, key=lambda path: best[prefix + path].seconds)[:1]
    return [*fastest, "constriction"]


def rate(stream: np.ndarray, figures: Figures) -> float:
    return len(stream) / figures.seconds / 1e6


def percent_over(figures: Figures, ideal: float) -> float:
    """Never quite zero, so that a ratio of two exists."""
    return max(100 * (figures.counters["bytes"] / ideal - 1), 1e-5)
