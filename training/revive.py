"""New life for a decoder whose units have died: trained with plain ReLUs and no normalisation, most of them never fire,
and a gradient never reaches what never fires."""

import chain
import torch
from evaluate import SILENT, watched_units
from model import ResBlock, conv
from torch import nn

LEAK_STEPS = 500  # until plain ReLUs have become as leaky as the design says
SEEN_AT = 1.0  # quantiser step of the latents that tell which units are silent


@torch.no_grad()
def revive(model, hadamard, pictures):
    """Gives the decoder's units that stay silent on all pictures new weights, as of a fresh network, and takes their
    share of the output away: at first nothing changes. -> how many there were."""
    set_leak(model.decoder, 0.0, 0)
    silent = silent_units(model, hadamard, pictures)
    for block, dead in silent.items():
        fresh = conv(*block.first.weight.shape[1::-1], gain=1.4).to(block.first.weight)
        block.first.weight[dead] = fresh.weight[dead]
        block.first.bias[dead] = 0
        block.second.weight[:, dead] = 0
    return sum(int(dead.sum()) for dead in silent.values())


def silent_units(model, hadamard, pictures):
    """{residual block of the decoder: (width,) bool}."""
    with watched_units(model.decoder) as busiest:
        bands = chain.analyse(model.encoder(pictures), hadamard)
        model.decoder(chain.synthesise(chain.round_through(bands, SEEN_AT), hadamard))
    blocks = {m.first: m for m in model.decoder.modules() if isinstance(m, ResBlock)}
    return {blocks[layer]: share < SILENT for layer, share in busiest.items()}


def set_leak(decoder, slope, steps):
    """Leaky ReLUs by and by, so that what was trained with plain ones can follow."""
    for layer in decoder.modules():
        if isinstance(layer, nn.LeakyReLU):
            layer.negative_slope = slope * min(1.0, steps / LEAK_STEPS)
