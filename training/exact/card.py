"""model.json: what a model is, where it came from and how good it is. The C++ library reads it."""

import hashlib

import torch

from training.autoencoder import data, objective
from training.autoencoder.evaluate import evaluate_folder, pad_to_factor
from training.autoencoder.model import FACTOR
from training.autoencoder.origin import effort

SOURCE = "BuddiesOfBudgie/budgie-backgrounds and pop-os/wallpapers"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Moments:
    """Running mean and standard deviation of samples that arrive in pieces."""

    def __init__(self):
        self.n, self.sum, self.squares = 0, 0.0, 0.0

    def add(self, x):
        x = x.double()
        self.n, self.sum, self.squares = (
            self.n + x.numel(),
            self.sum + x.sum().item(),
            self.squares + (x**2).sum().item(),
        )

    def numbers(self):
        mean = self.sum / self.n
        return {"mean": round(mean, 5), "std": round(max(self.squares / self.n - mean**2, 0.0) ** 0.5, 5)}


@torch.no_grad()
def statistics(encoder, images):
    """Over pictures (1,3,H,W): the standard deviation of all latents together, and each channel's moments."""
    whole, channels = Moments(), {}
    for x in images:
        latent = encoder(pad_to_factor(x))
        whole.add(latent)
        for c, samples in enumerate(latent.unbind(1)):
            channels.setdefault(c, Moments()).add(samples)
    return whole.numbers()["std"], {"channels": [m.numbers() for m in channels.values()]}


def training_images(folder):
    """The photos that were trained on, at half size."""
    for path in data.training_paths(folder):
        yield data.to_tensor(data.reduce(data.load(path), 2))


# What counts beside squared error: the argument that gives its weight, its softening, what is measured.
SEEN = (
    ("msssim_weight", objective.MSSSIM_SOFTENING, "1 - MS-SSIM of red, green and blue"),
    ("ssimulacra2_weight", objective.SSIMULACRA2_SOFTENING, "the weighed sum behind SSIMULACRA 2.1"),
)


def objective_text(design, state):
    asked = state["arguments"]
    share = f"min(1, step / {objective.MSSSIM_FULL_STEP:g})"
    extra = "".join(
        f" + {float(asked[name]):g} {share} d / (d as a constant + {softening:g}), d = {what}"
        for name, softening, what in SEEN
        if float(asked.get(name, 0))
    )
    low, high = design.step_range
    hadamard = "hadamard4 and " if design.hadamard else ""
    bits = f"bits of a logistic mixture per (channel, band) after {hadamard}cdf53(levels=4), softly rounded with noise"
    cost, rest = f"MSE + {objective.LAMBDA:g} step^2 bits/pixel", bits
    if state["arguments"].get("part") == "decoder":
        cost, rest = "MSE", "the decoder alone, latents and rates as they were"
    return (
        f"J / (J as a constant + {objective.SOFTENING:g}) per picture{extra}; J = {cost}, MSE in 8-bit units; {rest}; "
        f"step log-uniform in [{low:.3f}, {high:.3f}]; true rounding before the decoder"
    )


MEASURED = ("bpp_entropy", "psnr_db", "ms_ssim", "ms_ssim_rgb", "ssimulacra2")


def measured(model, hadamard, folder, steps):
    """The card's quality numbers."""
    results = evaluate_folder(model, hadamard, folder, steps)
    rows = [{"step": step} | {k: round(r[k], 5) for k in MEASURED} for step, r in results.items() if step is not None]
    return {
        "data": f"{folder.name.capitalize()}, {len(data.photo_paths(folder))} photos",
        "psnr_unquantised_db": round(results[None]["psnr_db"], 3),
        "rate_distortion": rows,
    }


def training_card(model, design, state, folder):
    photos = data.photo_paths(folder)
    trained = data.training_paths(folder)
    return {
        **state.get("origin", {}),
        **effort(state),
        "data": f"{len(trained)} of {len(photos)} photos of {SOURCE}, reduced 1-4 times, random crops",
        "data_licence": "CC0 1.0 (budgie-backgrounds); public domain as stated by pop-os/wallpapers",
        "held_out": list(data.HELD_OUT),
        "objective": objective_text(design, state),
        "macs_per_pixel": model.macs_per_pixel(),
        "parameters": model.parameter_counts(),
    }


def description(design):
    hadamard = "Hadamard, " if design.hadamard else ""
    return (
        f"Small fully convolutional autoencoder for photos: {design.shape.latent} channels at 1/{FACTOR} resolution, "
        f"trained for rate and distortion through {hadamard}CDF 5/3 wavelet and a uniform quantiser."
    )


def card(model, design, state, folder, args):
    """The whole of model.json; `folder` holds the ONNX files already, `args` names photos, test pictures and steps."""

    def half(name, inputs, output):
        file = f"{name}.onnx"
        return {"file": file, "sha256": sha256(folder / file), "input": inputs, "output": output}

    latent_std, stats = statistics(model.encoder, training_images(args.data))
    return {
        "format": 1,
        "name": design.name,
        "revision": args.revision,
        "description": description(design),
        "licence": "MIT",
        "latent_channels": model.shape.latent,
        "factor": FACTOR,
        "pixel_range": [-1.0, 1.0],
        "scaling_factor": 1.0,
        "shift_factor": 0.0,
        "encoder": half("encoder", "sample", "latent") | {"kind": "mean"},
        "decoder": half("decoder", "latent_sample", "sample") | {"exact": True},
        "latent_std": latent_std,
        "default_recipe": design.recipe,
        "statistics": {"data": f"the {len(data.training_paths(args.data))} training photos at half size"} | stats,
        "training": training_card(model, design, state, args.data),
        "measured": measured(model, design.hadamard, args.images, args.steps),
    }
