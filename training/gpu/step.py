"""Many small kernels make a step of training, and starting them one by one takes a GPU longer than running them: a CUDA
graph holds a whole step, from the drawing of the crops to the averaging of the weights, and starts it at once."""

import torch

from training.autoencoder import data
from training.autoencoder.model import ResBlock

WARM_UPS = 3  # real steps, which also fill the optimisers' state and let cuDNN choose its algorithms
TILE_SHAPES = 3  # a few of those that the CPU draws from: each is a graph of its own, others in each slice


def use_bfloat16(model):
    """Convolutions of the residual blocks in bfloat16. What they add to stays float32, as do first and last layers."""
    device = next(model.parameters()).device.type
    for block in (m for m in model.modules() if isinstance(m, ResBlock)):
        # No cache: a cached copy of the weights would be captured once and never be made anew.
        block.forward = torch.autocast(device, torch.bfloat16, cache_enabled=False)(block.forward)


def capture(function):
    """-> a CUDA graph of the function, which has run WARM_UPS times after that."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UPS):
            function()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        function()
    return graph


class Stepper:
    """Steps of a trainer on batches of n crops; sums up what they report on the device."""

    def __init__(self, trainer, sampler, n, captured):
        self.trainer, self.sampler, self.n, self.captured = trainer, sampler, n, captured
        self.graphs, self.sums, self.count = {}, {}, 0
        self.tiles = [tuple(8 * side for side in torch.randint(1, 9, (2,)).tolist()) for _ in range(TILE_SHAPES)]

    def step(self):
        tiled = torch.rand(()).item() < data.TILE_ODDS
        self._step(self.tiles[torch.randint(TILE_SHAPES, ()).item()] if tiled else None)

    def prepare(self):
        """The first steps: captures all graphs, or fails where that does not work."""
        for tile in (None, *self.tiles):
            self._step(tile)
        self.synchronize()

    def synchronize(self):
        """Waits for the device, so that time measured here is its time."""
        if self.trainer.device.type == "cuda":
            torch.cuda.synchronize()

    def means(self):
        """{name: mean over the steps since the last call}; {} when there was none."""
        if self.count == 0:
            return {}
        result = {name: value.item() / self.count for name, value in self.sums.items()}
        for value in self.sums.values():
            value.zero_()
        self.count = 0
        return result

    def _step(self, tile):
        self.trainer.set_schedule()
        if not self.captured:
            self._update(tile)
            done = 1
        elif tile in self.graphs:
            self.graphs[tile].replay()
            done = 1
        else:
            self.graphs[tile] = capture(lambda: self._update(tile))
            done = WARM_UPS
        self.trainer.steps += done
        self.count += done

    def _update(self, tile):
        x = self.sampler.batch(self.n)
        numbers = self.trainer.update(data.tiles(x, *tile) if tile else x)
        for name, value in numbers.items():
            if name not in self.sums:
                self.sums[name] = torch.zeros_like(value)
            self.sums[name].add_(value)
