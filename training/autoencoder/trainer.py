"""One run of training: networks, rates, optimisers, the step that changes them, the checkpoint that holds them."""

import math

import torch

from training.autoencoder import chain, objective
from training.autoencoder.designs import DESIGNS
from training.autoencoder.model import Autoencoder, start_linear
from training.autoencoder.optimizer import Muon, split_parameters
from training.autoencoder.origin import origin
from training.autoencoder.revive import revive
from training.exact.onnx_weights import read_networks

EMA_DECAY = 0.9985
WARMUP_STEPS = 100
CLIP_NORM = 2.0
WEIGHT_DECAY = 0.1  # of the inner convolutions, times the learning rate: without it a residual trunk may run away
PRIOR_RATE = 0.01  # the rates' own learning rate: they must keep up with the encoder
PRIOR_STEPS, PRIOR_BATCHES, PRIOR_CROPS, PRIOR_FIT_RATE = 800, 16, 8, 0.1  # of its fit before the first step
START_CROPS = 64  # crops whose blocks give the principal components


class Trainer:
    """Everything that a checkpoint holds, and the step that changes it."""

    def __init__(self, args):
        self.args = args
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.design = DESIGNS[args.model]
        shape = self.design.shape
        self.model = Autoencoder(shape).to(self.device, memory_format=torch.channels_last)
        self.decoder_only = args.part == "decoder"
        self.model.encoder.requires_grad_(not self.decoder_only)
        self.prior = chain.BandPrior(shape.latent).to(self.device)
        self.ema = {k: v.clone() for k, v in self.model.state_dict().items()}
        self.optimizers = self._optimizers()
        self.steps, self.seconds, self.history, self.origin = 0, 0.0, [], {}

    def begin(self, sampler):
        """Goes on from the checkpoint, or starts from a shipped model, or from principal components."""
        if self.resume():
            return
        if self.args.start:
            read_networks(self.model, self.args.start)
            self.origin = origin(self.args.start)
            if self.args.revive:
                crops = sampler.batch(START_CROPS, plain=True).to(self.device)
                dead = revive(self.model, self.args.revive, self.design.hadamard, crops)
                print(f"{dead} dead units of the {self.args.revive} begin anew")
        else:
            start_linear(self.model, sampler.batch(START_CROPS, plain=True).to(self.device), self.design.hadamard)
        if not self.decoder_only:
            self._fit_prior(sampler)
        self.ema = {k: v.clone() for k, v in self.model.state_dict().items()}

    def _fit_prior(self, sampler):
        """A model comes without the rates it was trained with: they are learnt first, the networks held. Rates of a
        prior that lags behind would push the encoder away from where it is good."""
        with torch.no_grad():
            crops = (sampler.batch(PRIOR_CROPS, plain=True).to(self.device) for _ in range(PRIOR_BATCHES))
            batches = [(x[:, 0].numel(), chain.analyse(self.model.encoder(x), self.design.hadamard)) for x in crops]
        optimizer = torch.optim.Adam(self.prior.parameters(), lr=PRIOR_FIT_RATE)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: min(1, 2 * (1 - i / PRIOR_STEPS)))
        for i in range(PRIOR_STEPS):
            step = objective.random_step(*self.design.step_range)
            pixels, bands = batches[i % PRIOR_BATCHES]
            optimizer.zero_grad(set_to_none=True)
            (self.prior.bits(chain.rough(bands, step), step).sum() / pixels).backward()
            optimizer.step()
            schedule.step()

    def _optimizers(self):
        hidden, rest = split_parameters(self.model)
        if self.args.optimizer == "adam":
            hidden, rest = [], hidden + rest
        groups = [{"params": rest, "rate": 1.0}, {"params": self.prior.parameters(), "rate": PRIOR_RATE / self.args.lr}]
        adam = torch.optim.Adam(groups, lr=self.args.lr, betas=(0.9, 0.98))
        inner = [{"params": hidden, "rate": 1.0}]
        return [adam] + ([Muon(inner, lr=self.args.lr, weight_decay=WEIGHT_DECAY)] if hidden else [])

    @property
    def progress(self):
        """0 at the start, 1 when the time is spent."""
        return min(1.0, self.seconds / (60 * self.args.minutes))

    def _set_rate(self):
        """Warm-up, a plateau for a third of the time, then a cosine to (nearly) nothing."""
        fall = max(0.0, (self.progress - 1 / 3) / (2 / 3))
        rate = min(1.0, (self.steps + 1) / WARMUP_STEPS) * (0.01 + 0.99 * (1 + math.cos(math.pi * fall)) / 2)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.args.lr * rate * group["rate"]

    def step(self, x):
        """One update on a batch; returns the numbers for the log."""
        self._set_rate()
        x = x.to(self.device, memory_format=torch.channels_last)
        quantiser_step = objective.random_step(*self.design.step_range)
        prior = None if self.decoder_only else self.prior
        total, numbers = objective.loss(
            self.model, self.design.hadamard, prior, x, quantiser_step, self.args.msssim_weight
        )
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP_NORM)
        if torch.isfinite(norm):
            for optimizer in self.optimizers:
                optimizer.step()
        self.steps += 1
        self._average()
        return numbers | {"norm": norm.item()}

    @torch.no_grad()
    def _average(self):
        """Exponential moving average of the weights, quick at first: the weights that are exported."""
        decay = min(EMA_DECAY, (1 + self.steps) / (10 + self.steps))
        for k, v in self.model.state_dict().items():
            self.ema[k].lerp_(v, 1 - decay)

    def save(self):
        """Atomic: a reader or a crash never sees half a checkpoint."""
        state = {
            "design": self.design.as_dict(),
            "model": self.model.state_dict(),
            "ema": self.ema,
            "prior": self.prior.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "steps": self.steps,
            "seconds": self.seconds,
            "history": self.history,
            "origin": self.origin,
            "arguments": {k: str(v) for k, v in vars(self.args).items() if k not in ("data", "run")},
        }
        path = self.args.run / "checkpoint.pt"
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def resume(self):
        """True if there was a checkpoint to go on from."""
        path = self.args.run / "checkpoint.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.prior.load_state_dict(state["prior"])
        self.ema = state["ema"]
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            rates = [group["rate"] for group in optimizer.param_groups]
            optimizer.load_state_dict(saved)
            # This run's, not those of the run that was saved: they are relative to --lr, which may have changed.
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["rate"] = rate
        self.steps, self.seconds, self.history = state["steps"], state["seconds"], state["history"]
        self.origin = state.get("origin", {})
        print(f"resumed at step {self.steps}, {self.seconds / 60:.1f} minutes")
        return True
