"""Small autoencoders of diffusers with random weights, equal in every call. Import after pytest.importorskip."""

import diffusers
import numpy as np
import torch


def kl(**changes):
    """The layout of SDXL's VAE, with attention in the middle, and few channels."""
    torch.manual_seed(1)
    options = {
        "down_block_types": ["DownEncoderBlock2D"] * 4,
        "up_block_types": ["UpDecoderBlock2D"] * 4,
        "block_out_channels": (8, 8, 16, 16),
        "layers_per_block": 1,
        "norm_num_groups": 4,
        "latent_channels": 4,
        "scaling_factor": 0.13025,
    }
    return diffusers.AutoencoderKL(**options | changes).eval()


def tiny():
    """The layout of TAESD, with few channels."""
    torch.manual_seed(2)
    width = {"encoder_block_out_channels": (8, 8, 8, 8), "decoder_block_out_channels": (8, 8, 8, 8)}
    return diffusers.AutoencoderTiny(**width).eval()


@torch.no_grad()
def encode(vae, image):
    """(H,W,3) uint8 -> (1,C,h,w), unscaled; the mean where there is a posterior."""
    encoded = vae.encode(torch.from_numpy(image.transpose(2, 0, 1)[None] / np.float32(127.5) - 1))
    return encoded.latent_dist.mean if hasattr(encoded, "latent_dist") else encoded.latents
