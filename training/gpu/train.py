"""One slice of training on a machine that is lent for minutes: stops by itself, goes on from the last slice.

    python3 -m training.gpu.train --model photo-f8c32 --out "$OUT" --limit 600 --after 180

Needs PyTorch, NumPy and Pillow, and the folder that `python -m training.gpu.pack` filled. The learning rate falls to
nothing at the end of the last slice: --after says how many seconds of training follow this call. Without a GPU it does
the same on the CPU, to rehearse.
"""

import time

BEGUN = time.time()

import argparse  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import torch  # noqa: E402

from training.autoencoder.designs import DESIGNS  # noqa: E402
from training.autoencoder.train import log_row  # noqa: E402
from training.autoencoder.trainer import PRIOR_STEPS, Trainer  # noqa: E402
from training.gpu import pack, slices  # noqa: E402
from training.gpu.step import Stepper, use_bfloat16  # noqa: E402

RESERVE = 60  # seconds of the limit that are left for the last checkpoint
FIRST_LOOK = 15  # seconds of training after which the number of steps is foretold
WAIT_EVERY = 10  # steps; a GPU's queue would otherwise hide how late it is
LEAST_AVERAGE, MOST_AVERAGE = 0.95, 0.9995  # decay of the averaged weights: over a twentieth of all steps between these


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", choices=DESIGNS, default="photo-f8c32")
    p.add_argument("--out", type=Path, required=True, help="folder for the checkpoint's files and the log")
    p.add_argument("--carry", type=Path, default=pack.CARRY, help="folder that training.gpu.pack filled")
    p.add_argument("--limit", type=float, default=600, help="seconds that this call may take in all")
    p.add_argument("--after", type=float, default=0, help="seconds of training in later slices")
    p.add_argument("--reserve", type=float, default=RESERVE, help="seconds of the limit to leave at its end")
    p.add_argument("--part", choices=("both", "decoder"), default="both", help="decoder: latents and rates stay")
    p.add_argument("--revive", choices=("encoder", "decoder"), help="new weights for this network's dead units")
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--crop", type=int, default=256, help="side in pixels, a multiple of 8")
    p.add_argument("--lr", type=float, default=6e-4)
    p.add_argument("--msssim-weight", type=float, default=0.3, help="needs --crop 176 or more")
    p.add_argument("--ssimulacra2-weight", type=float, default=0.5, help="counts in crops of 176 pixels or more")
    p.add_argument("--optimizer", choices=("muon", "adam"), default="muon")
    p.add_argument("--precision", choices=("bfloat16", "tf32"), default="bfloat16", help="of the residual blocks")
    p.add_argument("--eager", action="store_true", help="no CUDA graph")
    p.add_argument("--prior-steps", type=int, default=PRIOR_STEPS, help="of the fit of rates before the first step")
    p.add_argument("--checkpoint-every", type=float, default=60, help="seconds")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--begun", type=float, default=BEGUN, help=argparse.SUPPRESS)  # when this call began, if again
    return p.parse_args()


class Slice:
    """The time of this call, the trainer that spends it, and the folder that keeps what comes of it."""

    def __init__(self, args, trainer, stepper, images):
        self.args, self.trainer, self.stepper, self.images = args, trainer, stepper, images
        self.end = args.begun + args.limit - args.reserve
        self.spent_before, self.steps_before = trainer.seconds, trainer.steps
        self.begin = time.time()
        trainer.total_seconds = max(1.0, trainer.seconds + self.end - self.begin + args.after)

    def run(self, stop):
        saved, looked = self.begin, False
        while not stop and time.time() < self.end:
            self.stepper.step()
            if self.trainer.steps % WAIT_EVERY == 0:
                self.stepper.synchronize()
            now = time.time()
            self.trainer.seconds = self.spent_before + now - self.begin
            if not looked and now - self.begin > FIRST_LOOK:
                self.look_ahead()
                looked = True
            # None just before the end, where there is one anyway: looking at the pictures would take the time of the
            # last steps, whose rate is the smallest.
            if now - saved > self.args.checkpoint_every and self.end - now > self.args.checkpoint_every / 4:
                self.checkpoint()
                saved = time.time()
        self.stepper.synchronize()
        if self.stepper.count > 0 or saved == self.begin:  # else the last checkpoint holds all that was done
            self.checkpoint()

    def look_ahead(self):
        """Foretells how far training will come, and fits warm-up and averaging to that."""
        self.stepper.synchronize()
        rate = (self.trainer.steps - self.steps_before) / (time.time() - self.begin)
        left = self.end - time.time()
        total = self.trainer.steps + rate * (left + self.args.after)
        self.trainer.ema_limit = min(max(1 - 20 / total, LEAST_AVERAGE), MOST_AVERAGE)
        self.trainer.warm_up_steps = min(self.trainer.warm_up_steps, max(1, int(total / 20)))
        foretold = {"steps_per_second": rate, "steps_at_end_of_slice": self.trainer.steps + rate * left}
        foretold |= {"steps_at_end": total, "seconds_left": left, "average_decay": self.trainer.ema_limit}
        self.log({name: round(value, 4) for name, value in foretold.items()})

    def checkpoint(self):
        slices.write(self.args.out, self.trainer.state())  # at once, since the look at pictures may not come to its end
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, allow_tf32=False):
            row = log_row(self.trainer, self.images, self.stepper.means())
        slices.write(self.args.out, self.trainer.state())
        self.log(row | {"seconds_of_limit": round(time.time() - self.args.begun, 1)})

    def log(self, row):
        print(json.dumps(row), flush=True)
        with (self.args.out / "log.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")


def begin(args):
    """-> (trainer, sampler, held-out pictures), from the last slice, the packed networks, or principal components."""
    args.minutes = (args.limit + args.after) / 60
    args.start = args.carry / pack.START if (args.carry / pack.START).exists() else None
    trainer = Trainer(args)
    sampler, images = pack.unpack(args.carry / pack.PHOTOS, args.crop, trainer.device)
    state = slices.read(args.out, trainer.device) or slices.read(args.carry, trainer.device)
    if state:
        trainer.load_state(state)
    else:
        trainer.begin(sampler, args.prior_steps)
    if args.precision == "bfloat16":
        use_bfloat16(trainer.model)
    torch.manual_seed(args.seed + trainer.steps)  # a resumed slice must not repeat its crops and its noise
    return trainer, sampler, images


def prepared(args, trainer, sampler):
    """A stepper that has done its first steps. Where no CUDA graph can be made, the whole call begins anew without:
    a capture that broke off leaves a process in no state to train in."""
    stepper = Stepper(trainer, sampler, args.batch, captured=trainer.device.type == "cuda" and not args.eager)
    try:
        stepper.prepare()
    except RuntimeError as error:
        if not stepper.captured:
            raise
        print(f"no CUDA graph, so every kernel is started by itself: {error}", flush=True)
        words = [*sys.argv[1:], "--eager", "--begun", str(args.begun)]
        os.execv(sys.executable, [sys.executable, "-m", "training.gpu.train", *words])
    return stepper


def main():
    args = arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)
    torch.backends.cudnn.benchmark = True
    trainer, sampler, images = begin(args)
    stepper = prepared(args, trainer, sampler)
    name = torch.cuda.get_device_name() if trainer.device.type == "cuda" else "CPU"
    kind = f"{name}, {'CUDA graphs' if stepper.captured else 'eager'}, {args.precision}"
    pixels, seconds = len(sampler.pixels) / 1e6, time.time() - args.begun
    print(f"{kind}; {pixels:.0f} megapixels of photos; ready after {seconds:.1f} s", flush=True)
    stop = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.append(1))
    Slice(args, trainer, stepper, images).run(stop)


if __name__ == "__main__":
    main()
