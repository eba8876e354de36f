"""Whether the exact decoders give the CPU's pixels on a GPU, too: SHA-256 of what they decode, with TF32 off.

    python3 -m training.exact.cuda

By PyTorch, and by ONNX Runtime where it has its CUDA provider. A sum of whole numbers below 2^24 comes out the same in
any order, but cuDNN may choose an algorithm that does not sum products of the given numbers at all (Winograd, FFT), so
each way to convolve is tried by itself. The CPU's hash of the small latents must be that of
tests/golden/exact_decoders.json. Exit status: 0 all ways but cuDNN's free choice give the CPU's pixels; 1 one does not;
2 there is no GPU, so nothing was compared.
"""

import argparse
import sys
from contextlib import contextmanager
from pathlib import Path

import torch

from training.exact.latents import LARGE, PINNED, SMALL, digest, latents, pinned
from training.exact.torch_graph import TorchGraph

ROOT = Path(__file__).resolve().parents[2]
MODELS = ("photo-f8c64", "photo-f8c32", "photo-f8c4")


@contextmanager
def convolutions(cudnn, deterministic):
    """Sums in float32, by cuDNN (restricted to repeatable algorithms or not) or by PyTorch's own matrix products."""
    torch.backends.cuda.matmul.allow_tf32 = False
    with torch.backends.cudnn.flags(enabled=cudnn, benchmark=False, deterministic=deterministic, allow_tf32=False):
        yield


WAYS = {
    "PyTorch, without cuDNN": (False, True),
    "PyTorch, cuDNN, deterministic": (True, True),
    "PyTorch, cuDNN's free choice": (True, False),
}
FREE_CHOICE = "PyTorch, cuDNN's free choice"


def by_pytorch(path, z):
    """{way to convolve: digest} on the GPU."""
    graph, found = TorchGraph(path, "cuda"), {}
    for way, settings in WAYS.items():
        with convolutions(*settings):
            found[way] = digest(graph(torch.from_numpy(z)))
    return found


def by_onnxruntime(path, z):
    """The same by ONNX Runtime; {} where it, or its CUDA provider, is missing."""
    try:
        import onnxruntime
    except ImportError:
        return {}
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        return {}
    found = {}
    for search in ("HEURISTIC", "EXHAUSTIVE", "DEFAULT"):
        options = {"use_tf32": "0", "cudnn_conv_algo_search": search}
        run = onnxruntime.InferenceSession(str(path), providers=[("CUDAExecutionProvider", options)])
        if run.get_providers()[0] == "CUDAExecutionProvider":  # it falls back to the CPU without a word
            found[f"ONNX Runtime, {search.lower()}"] = digest(run.run(None, {run.get_inputs()[0].name: z})[0])
    return found


def report(model, device):
    """Prints one line for each way and size; -> whether all that must agree do."""
    path = ROOT / "models" / model / "decoder.onnx"
    on_cpu, good = TorchGraph(path), True
    for size in (SMALL, LARGE):
        z = latents(on_cpu.channels, size)
        expected = digest(on_cpu(torch.from_numpy(z)))
        if size == SMALL and expected != pinned(path):
            raise SystemExit(f"{model}: the CPU's own pixels are not those of {PINNED.name}; pin them first")
        print(f"{model} {size}: CPU {expected[:16]}", flush=True)
        for way, found in (by_pytorch(path, z) | by_onnxruntime(path, z) if device else {}).items():
            good &= found == expected or way == FREE_CHOICE
            print(f"    {way}: {found[:16]} {'same' if found == expected else 'DIFFERENT'}", flush=True)
    return good


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("models", nargs="*", default=MODELS)
    args = p.parse_args()
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    results = [report(model, device) for model in args.models]  # all of them, also after one that differs
    good = all(results)
    print(f"{device}: {'exact' if good else 'NOT exact'}" if device else "SKIPPED: no GPU, nothing was compared")
    sys.exit(2 if not device else 0 if good else 1)


if __name__ == "__main__":
    main()
