"""New weights for units that never fire. There is no normalisation, so large steps of training can push a unit's inputs
so far down that it is negative everywhere: it is then a linear unit, and of no more use than the ones beside it."""

from contextlib import contextmanager

import torch

from training.autoencoder import objective
from training.autoencoder.evaluate import SILENT, watched_units
from training.autoencoder.model import UNIT_GAIN, ResBlock, conv

SEEN_AT = 1.0  # quantiser step of the latents that tell which units of a decoder are silent


@torch.no_grad()
def revive(model, name, hadamard, pictures):
    """Gives the units of one network ("encoder", "decoder") that stay silent on all pictures the incoming weights of a
    fresh network. What they gave to the output on average goes into the bias behind them, the rest is taken away, so
    that little changes at first. -> how many there were."""
    network = getattr(model, name)
    with watched_units(network) as busiest, mean_activations(network) as means:
        objective.through_chain(model, hadamard, None, pictures, SEEN_AT)
    silent = {layer: share < SILENT for layer, share in busiest.items()}
    for block, mean in means.items():
        restart(block, silent[block.first], mean)
    return sum(int(dead.sum()) for dead in silent.values())


@contextmanager
def mean_activations(network):
    """Yields a dict that holds for every residual block the mean of each inner unit, (width,), over the last run."""
    means = {}

    def watch(block):
        return block.activation.register_forward_hook(lambda *call: means.update({block: call[-1].mean((0, 2, 3))}))

    hooks = [watch(m) for m in network.modules() if isinstance(m, ResBlock)]
    try:
        yield means
    finally:
        for hook in hooks:
            hook.remove()


def restart(block, dead, mean):
    """`dead`: (width,) bool, of a residual block's inner units; `mean`: (width,), what they gave so far."""
    block.second.bias += block.second.weight[:, dead].sum((2, 3)) @ mean[dead]
    fresh = conv(*block.first.weight.shape[1::-1], gain=UNIT_GAIN).to(block.first.weight)
    block.first.weight[dead] = fresh.weight[dead]
    block.first.bias[dead] = 0
    block.second.weight[:, dead] = 0
