"""What training minimises: distortion + lambda(step) * bits after Hadamard, wavelet and quantiser.

lambda grows with the square of the quantiser step, because at the optimum of an orthonormal transform code
-dD/dR is proportional to step^2. This pins the scale of the latents: step 1 means one fixed trade for every model.
"""

import torch

from training.autoencoder import chain, ssimulacra2
from training.autoencoder.metrics import ms_ssim, rgb

# Squared error in 8-bit units per (bit per pixel) at step 1. Step 2 then trades as learned codecs do near 0.1 bpp.
LAMBDA = 130.0
PEAK = 255.0
# Images are weighted by 1 / (their own cost + SOFTENING): mean PSNR counts each image's logarithm, not its error, and a
# large quantiser step must not outweigh a small one.
SOFTENING = 60.0
# MS-SSIM counts in full from this step on and less at smaller ones: at low rates structure is what a viewer misses, at
# high rates the error itself. Its own softening, for the same reason as above.
MSSSIM_FULL_STEP = 3.0
MSSSIM_SOFTENING = 0.03
MSSSIM_SIDE = 176  # five scales need so many pixels
SSIMULACRA2_SOFTENING = 3.0  # its weighed sum is 4 at a score of 60 and 13 at 20


def random_steps(low, high, n, device):
    """(n,1,1,1): a quantiser step for each picture, log-uniform in a range, so that one model serves all qualities."""
    return low * (high / low) ** torch.rand(n, 1, 1, 1, device=device)


def squared_error(x, y):
    """Mean squared error per image in 8-bit units, (N,), of pictures in [-1,1]."""
    return ((x - y) ** 2).mean((1, 2, 3)) * (PEAK / 2) ** 2


def through_chain(model, hadamard, prior, x, step):
    """Pictures -> (reconstruction, bits per pixel (N,)). The rate is that of rough latents, which has useful gradients;
    the decoder sees the very values it will see in use (Minnen & Singh 2020, arXiv 2007.08739). Noise in their place
    fails at large steps: where true rounding gives clean zeros it shows the decoder energy that will never be there.
    Without a prior the rate counts as 0."""
    bands = chain.analyse(model.encoder(x), hadamard)
    y = model.decoder(chain.synthesise(chain.round_through(bands, step), hadamard))
    bits = prior.bits(chain.rough(bands, step), step) if prior else x.new_zeros(len(x))
    return y, bits / (x.shape[2] * x.shape[3])


def structural_loss(x, y):
    """1 - MS-SSIM, (N,), each picture's relative to its own value: a mean of logarithms in its gradient. On red, green
    and blue: a network that is trained for luma alone earns its MS-SSIM with colours."""
    distance = 1 - ms_ssim(x, y.clamp(-1, 1), rgb)
    return distance / (distance.detach() + MSSSIM_SOFTENING)


def perceptual_loss(x, y):
    """What SSIMULACRA2 sees of the difference, (N,), each picture's relative to its own value, as above."""
    damage = ssimulacra2.damage(x, y)
    return damage / (damage.detach() + SSIMULACRA2_SOFTENING)


def loss(model, hadamard, prior, x, step, msssim_weight=0.0, ssimulacra2_weight=0.0):
    """Pictures (N,3,H,W), quantiser steps (N,1,1,1) -> a scalar, and a dict of scalar tensors for the log."""
    y, bpp = through_chain(model, hadamard, prior, x, step)
    error, step = squared_error(x, y), step.flatten()
    cost = error + LAMBDA * step**2 * bpp
    total = (cost / (cost.detach() + SOFTENING)).mean()
    share = (step / MSSSIM_FULL_STEP).clamp_max(1)
    if msssim_weight and min(x.shape[-2:]) >= MSSSIM_SIDE:
        total = total + msssim_weight * (share * structural_loss(x, y)).mean()
    if ssimulacra2_weight and min(x.shape[-2:]) >= MSSSIM_SIDE:
        total = total + ssimulacra2_weight * (share * perceptual_loss(x, y)).mean()
    psnr = 10 * torch.log10(PEAK**2 / error.detach().clamp_min(1e-4))
    means = {"loss": total, "psnr": psnr.mean(), "bpp": bpp.mean(), "step": step.mean()}
    return total, {name: value.detach() for name, value in means.items()}
