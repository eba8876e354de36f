"""New life for a network whose units have died: trained with plain ReLUs and no normalisation, most of them never fire,
and a gradient never reaches what never fires."""

import torch
from torch import nn

from training.autoencoder import objective
from training.autoencoder.evaluate import SILENT, watched_units
from training.autoencoder.model import UNIT_GAIN, ResBlock, conv

LEAK_STEPS = 500  # until plain ReLUs have become as leaky as the design says
SEEN_AT = 1.0  # quantiser step of the latents that tell which units of a decoder are silent


@torch.no_grad()
def revive(model, name, hadamard, pictures):
    """Gives the units of one network ("encoder", "decoder") that stay silent on all pictures new weights, as of a
    fresh one, and takes their share of the output away: at first nothing changes. -> how many there were."""
    network = getattr(model, name)
    set_leak(network, 0.0, 0)
    with watched_units(network) as busiest:
        objective.through_chain(model, hadamard, None, pictures, SEEN_AT)
    silent = {layer: share < SILENT for layer, share in busiest.items()}
    for block in (m for m in network.modules() if isinstance(m, ResBlock)):
        restart(block, silent[block.first])
    return sum(int(dead.sum()) for dead in silent.values())


def restart(block, dead):
    """`dead`: (width,) bool, of a residual block's inner units."""
    fresh = conv(*block.first.weight.shape[1::-1], gain=UNIT_GAIN).to(block.first.weight)
    block.first.weight[dead] = fresh.weight[dead]
    block.first.bias[dead] = 0
    block.second.weight[:, dead] = 0


def set_leak(network, slope, steps):
    """Leaky ReLUs by and by, so that what was trained with plain ones can follow."""
    for layer in network.modules():
        if isinstance(layer, nn.LeakyReLU):
            layer.negative_slope = slope * min(1.0, steps / LEAK_STEPS)
