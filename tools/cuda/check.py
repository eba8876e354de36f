"""Whether the CUDA path works, is exact and how fast it is: lines of JSON, the most important first. See check.sh.

    python3 tools/cuda/check.py PROBE OUT [--providers CUDAExecutionProvider] [--seconds 150]

Every piece runs in a process of its own that is stopped when its time is over; what has been found so far stands in
OUT/result.jsonl. With `--providers CPUExecutionProvider` the same pieces run on a machine without a GPU: a rehearsal.
"""

import argparse
import json
import os
import select
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from training.exact.latents import SMALL, latents, pinned

ROOT = Path(__file__).resolve().parents[2]
CHANNELS = {"photo-f8c64": 64, "photo-f8c32": 32, "photo-f8c4": 4}
CPU = "CPUExecutionProvider"
# Pictures, height and width of latents: batches of 1 and 16, odd sizes, sizes that other kernels may be chosen for.
CASES = (SMALL, (1, 64, 96), (16, 64, 96), (1, 5, 9), (16, 5, 9), (1, 63, 97), (3, 17, 33), (1, 1, 1), (2, 7, 200))
OPTIONS = {
    "default": "",
    "heuristic": "(cudnn_conv_algo_search=HEURISTIC)",
    "exhaustive": "(cudnn_conv_algo_search=EXHAUSTIVE)",
    "no workspace": "(cudnn_conv_use_max_workspace=0)",
    "nhwc": "(prefer_nhwc=1)",
}


def short(value):
    """Digits that mean something, and names without their folders, so that a line can be read."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {k: short(v) for k, v in value.items()}
    if isinstance(value, str) and len(value) == 64:
        return value[:12]
    if isinstance(value, str):
        value = " ".join(value.removeprefix(f"{ROOT}/models/").split())
        return value if len(value) < 500 else f"{value[:150]} … {value[-350:]}"
    return value


# What is printed of an answer; all of it stands in the file.
SHOWN = {
    "exact": ("t", "option", "model", "shape", "same", "pinned", "different", "largest", "apart"),
    "speed": ("t", "option", "model", "half", "n", "way", "mp_s", "first_s", "load_s", "device_bytes_used"),
    "chain": (
        "t",
        "model",
        "device",
        "n",
        "how",
        "stayed",
        "mp_s",
        "first_s",
        "encode_s",
        "last_picture",
        "device_bytes_used",
    ),
    "profile": ("t", "model", "nodes"),
}


class Probe:
    """The program that answers, started anew after it died or was stopped."""

    def __init__(self, program):
        self.program, self.process = program, None

    def ask(self, request, limit):
        """Its line of JSON; one with an error where none came in time."""
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.pending = b""
        self.process.stdin.write((" ".join(request) + "\n").encode())
        self.process.stdin.flush()
        end = time.monotonic() + limit
        while b"\n" not in self.pending:
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                return self.stop(f"stopped after {limit:.0f} s")
            part = os.read(self.process.stdout.fileno(), 1 << 16)
            if not part:
                return self.stop(f"died, status {self.process.wait()}")
            self.pending += part
        line, self.pending = self.pending.split(b"\n", 1)
        return json.loads(line)

    def stop(self, problem):
        self.process.kill()
        self.process.wait()
        self.process = None
        return {"error": problem}


class Check:
    """Asks for pieces until the time is over, and keeps the answers."""

    def __init__(self, args):
        self.probe, self.provider = Probe(args.probe.resolve()), args.providers
        self.work = Path(tempfile.mkdtemp())
        self.began = time.monotonic()
        self.end = self.began + args.seconds
        self.file = (args.out / "result.jsonl").open("a")

    def on_cuda(self):
        return self.provider.startswith("CUDA")

    def say(self, **line):
        line = {"t": round(time.monotonic() - self.began, 1)} | {k: short(v) for k, v in line.items()}
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()
        shown = {k: line[k] for k in SHOWN.get(line["what"], line) if k in line} if "error" not in line else line
        print(*(f"{k}={v}" for k, v in shown.items()), flush=True)

    def ask(self, *request, limit=25):
        left = self.end - time.monotonic()
        if left < 1:
            raise SystemExit("no time left")
        request = [str(r) for r in request]
        line = self.probe.ask(request, min(limit, left))
        return line | {"what": request[0]} | ({"arguments": request} if "error" in line else {})

    def report(self, *arguments, limit=25, **more):
        self.say(**(self.ask(*arguments, limit=limit) | more))

    def graph(self, model, half):
        return ROOT / "models" / model / f"{half}.onnx"

    def providers(self, option="default"):
        return self.provider + (OPTIONS[option] if self.on_cuda() else "")

    def latents_file(self, model, case):
        path = self.work / "latents.f32"
        latents(CHANNELS[model], case).tofile(path)
        return path

    def exact(self, model, case, option, limit=25):
        n, height, width = case
        channels = CHANNELS[model]
        line = self.ask(
            "exact",
            self.graph(model, "decoder"),
            self.providers(option),
            self.latents_file(model, case),
            n,
            channels,
            height,
            width,
            limit=limit,
        )
        if case == SMALL and "cpu" in line:
            line["pinned"] = pinned(self.graph(model, "decoder")) == line["cpu"]
        self.say(**(line | {"model": model, "option": option}))

    def nodes(self, model, half, n):
        """Who ran how many nodes, by the runtime's own record: nothing may have fallen back to the CPU."""
        channels, size = (3, (512, 768)) if half == "encoder" else (CHANNELS[model], (64, 96))
        line = self.ask("profile", self.graph(model, half), self.providers(), n, channels, *size, self.work / "profile")
        if "file" in line:
            path = Path(line.pop("file"))
            events = [e["args"] for e in json.loads(path.read_text()) if e.get("name", "").endswith("_kernel_time")]
            line["nodes"] = {
                p: dict(Counter(e["op_name"] for e in events if e.get("provider") == p))
                for p in {e.get("provider") for e in events}
            }
            path.unlink()
        self.say(**(line | {"model": model, "half": half}))

    def speed(self, model, half, n, providers, way, option="default"):
        channels, size = (3, (512, 768)) if half == "encoder" else (CHANNELS[model], (64, 96))
        self.report(
            "speed",
            self.graph(model, half),
            providers,
            n,
            channels,
            *size,
            way,
            model=model,
            half=half,
            n=n,
            option=option,
        )


def exactness(check, option, cases):
    for case in cases:
        for model in CHANNELS:
            check.exact(model, case, option)


def speeds(check, providers, way, models=tuple(CHANNELS), option="default"):
    for n in (1, 16):
        for model in models:
            for half in ("decoder", "encoder"):
                check.speed(model, half, n, providers, way, option)


def chains(check, device, how, models=tuple(CHANNELS)):
    for n in (1, 16):
        for model in models:
            check.report("chain", model, device, n, how, limit=30)


def run(check):
    """The most important first: time may end at any line."""
    cuda = check.on_cuda()
    check.report("info")
    for model in CHANNELS:
        check.exact(model, SMALL, "default", limit=60)  # the first one starts CUDA
    for model in CHANNELS:
        check.nodes(model, "decoder", 1)
    exactness(check, "default", CASES[1:])
    chains(check, "cuda" if cuda else "cpu", "kept")
    for way in ("host", "pinned", "device") if cuda else ("host",):
        speeds(check, check.providers(), way)
    if not cuda:
        return
    chains(check, "cuda", "looked", ("photo-f8c32",))
    for option in list(OPTIONS)[1:]:
        exactness(check, option, (SMALL, (3, 17, 33)))
        speeds(check, check.providers(option), "device", ("photo-f8c32",), option)
    speeds(check, CPU, "host")
    chains(check, "cpu", "kept", ("photo-f8c32",))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("probe", type=Path)
    p.add_argument("out", type=Path)
    p.add_argument("--providers", default="CUDAExecutionProvider")
    p.add_argument("--seconds", type=float, default=150)
    args = p.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    run(Check(args))


if __name__ == "__main__":
    main()
