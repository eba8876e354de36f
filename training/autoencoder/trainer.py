"""One run of training: networks, rates, optimisers, the step that changes them, the checkpoint that holds them."""

import math

import torch

from training.autoencoder import chain, objective
from training.autoencoder.designs import DESIGNS
from training.autoencoder.evaluate import load_checkpoint
from training.autoencoder.model import Autoencoder, start_linear
from training.autoencoder.optimizer import Muon, split_parameters
from training.autoencoder.origin import origin
from training.autoencoder.revive import revive

EMA_DECAY = 0.9985
WARMUP_STEPS = 100
CLIP_NORM = 2.0
WEIGHT_DECAY = 0.1  # acts on the inner convolutions, times the learning rate: without it a residual trunk may run away
PRIOR_RATE = 0.01  # the rates' own learning rate: they must keep up with the encoder
PRIOR_STEPS, PRIOR_BATCHES, PRIOR_CROPS, PRIOR_FIT_RATE = 800, 16, 8, 0.1  # for its fit before the first step
START_CROPS = 64  # crops whose blocks give the principal components
NOT_SAVED = ("data", "run", "out", "carry", "begun")  # arguments that mean something on one machine only


def read_start(model, source):
    """Fills both networks from a checkpoint's averaged weights, or from a shipped model's folder."""
    if source.suffix == ".pt":
        model.load_state_dict(load_checkpoint(source)[0].state_dict())
    else:
        from training.exact.onnx_weights import read_folder  # here, because only this needs the package onnx

        read_folder(model, source)


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
        self.ema_limit, self.ema_rate = EMA_DECAY, self._number(0.0)
        self.optimizers = self._optimizers()
        self.steps, self.seconds, self.history, self.origin = 0, 0.0, [], {}
        self.total_seconds, self.warm_up_steps = 60 * args.minutes, WARMUP_STEPS

    def _number(self, value):
        """On the device, so that a captured step reads what was last written there."""
        return torch.tensor(value, device=self.device)

    def begin(self, sampler, prior_steps=PRIOR_STEPS):
        """Starts from a shipped model or a checkpoint's averaged weights, or from principal components."""
        if self.args.start:
            read_start(self.model, self.args.start)
            self.origin = origin(self.args.start)
            if self.args.revive:
                dead = revive(self.model, self.args.revive, self.design.hadamard, sampler.batch(START_CROPS))
                print(f"{dead} dead units of the {self.args.revive} begin anew")
        else:
            start_linear(self.model, sampler.batch(START_CROPS), self.design.hadamard)
        if not self.decoder_only:
            self._fit_prior(sampler, prior_steps)
        self.ema = {k: v.clone() for k, v in self.model.state_dict().items()}

    def _fit_prior(self, sampler, steps):
        """A model comes without the rates it was trained with: they are learnt first, the networks held. Rates of a
        prior that lags behind would push the encoder away from where it is good."""
        with torch.no_grad():
            crops = (sampler.batch(PRIOR_CROPS) for _ in range(PRIOR_BATCHES))
            batches = [(x[:, 0].numel(), chain.analyse(self.model.encoder(x), self.design.hadamard)) for x in crops]
        optimizer = torch.optim.Adam(self.prior.parameters(), lr=PRIOR_FIT_RATE)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: min(1, 2 * (1 - i / steps)))
        for i in range(steps):
            step = self._quantiser_steps(PRIOR_CROPS)
            pixels, bands = batches[i % PRIOR_BATCHES]
            optimizer.zero_grad(set_to_none=True)
            (self.prior.bits(chain.rough(bands, step), step).sum() / pixels).backward()
            optimizer.step()
            schedule.step()

    def _optimizers(self):
        hidden, rest = split_parameters(self.model)
        if self.args.optimizer == "adam":
            hidden, rest = [], hidden + rest

        def group(params, rate=1.0):
            return {"params": params, "rate": rate, "lr": self._number(self.args.lr)}

        both = [group(rest), group(self.prior.parameters(), PRIOR_RATE / self.args.lr)]
        adam = torch.optim.Adam(both, betas=(0.9, 0.98), capturable=self.device.type == "cuda")
        return [adam] + ([Muon([group(hidden)], weight_decay=WEIGHT_DECAY)] if hidden else [])

    @property
    def progress(self):
        """0 at the start, 1 when the time is spent."""
        return min(1.0, self.seconds / self.total_seconds)

    def set_schedule(self):
        """The learning rate of the next step: warm-up, a plateau for a third of the time, then a cosine to (nearly)
        nothing; and how much of the weights goes into their average, more at first."""
        fall = max(0.0, (self.progress - 1 / 3) / (2 / 3))
        rate = min(1.0, (self.steps + 1) / self.warm_up_steps) * (0.01 + 0.99 * (1 + math.cos(math.pi * fall)) / 2)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"].fill_(self.args.lr * rate * group["rate"])
        self.ema_rate.fill_(1 - min(self.ema_limit, (2 + self.steps) / (11 + self.steps)))

    def _quantiser_steps(self, n):
        return objective.random_steps(*self.design.step_range, n, self.device)

    def step(self, x):
        """One update on a batch; returns the numbers for the log."""
        self.set_schedule()
        numbers = self.update(x)
        self.steps += 1
        return {name: value.item() for name, value in numbers.items()}

    def update(self, x):
        """What a step does to networks, rates and averages, without a look at any number, so that a CUDA graph can hold
        it. Returns scalar tensors."""
        x = x.contiguous(memory_format=torch.channels_last)
        prior = None if self.decoder_only else self.prior
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        weights = self.args.msssim_weight, self.args.ssimulacra2_weight
        steps = self._quantiser_steps(len(x))
        total, numbers = objective.loss(self.model, self.design.hadamard, prior, x, steps, *weights)
        total.backward()
        norm = self._clip()
        for optimizer in self.optimizers:
            optimizer.step()
        self._average()
        return numbers | {"norm": norm}

    @torch.no_grad()
    def _clip(self):
        """Shortens a large gradient; one that is not finite counts as none. Returns its norm."""
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP_NORM)
        for p in (*self.model.parameters(), *self.prior.parameters()):
            if p.grad is not None:
                p.grad.nan_to_num_(0.0, 0.0, 0.0)
        return norm

    @torch.no_grad()
    def _average(self):
        """Exponential moving average of the weights: those that are exported."""
        for k, v in self.model.state_dict().items():
            self.ema[k].lerp_(v, self.ema_rate)

    def state(self):
        """The whole run, to go on from with `load_state`."""
        return {
            "design": self.design.as_dict(),
            "model": self.model.state_dict(),
            "ema": self.ema,
            "prior": self.prior.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "steps": self.steps,
            "seconds": self.seconds,
            "history": self.history,
            "origin": self.origin,
            "arguments": {k: str(v) for k, v in vars(self.args).items() if k not in NOT_SAVED},
        }

    def load_state(self, state):
        self.model.load_state_dict(state["model"])
        self.prior.load_state_dict(state["prior"])
        self.ema = {k: v.to(self.device) for k, v in state["ema"].items()}
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            # This run's settings, not those of the run that was saved: another --lr, or another kind of device.
            groups = zip(optimizer.param_groups, saved["param_groups"], strict=True)
            settings = [own | {"params": other["params"]} for own, other in groups]
            optimizer.load_state_dict(saved | {"param_groups": settings})
        self.steps, self.seconds, self.history = state["steps"], state["seconds"], state["history"]
        self.origin = state.get("origin", {})
        print(f"resumed at step {self.steps}, {self.seconds / 60:.1f} minutes", flush=True)

    def save(self):
        """Atomic: a reader or a crash never sees half a checkpoint."""
        path = self.args.run / "checkpoint.pt"
        torch.save(self.state(), path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def resume(self):
        """True if there was a checkpoint to go on from."""
        path = self.args.run / "checkpoint.pt"
        if not path.exists():
            return False
        self.load_state(torch.load(path, map_location=self.device, weights_only=True))
        return True
