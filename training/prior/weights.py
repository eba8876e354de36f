"""How known neighbours predict a coefficient: the weights of the context coder, fitted by gradient descent on the code
length under a mixture of two Laplacians."""

import torch
from torch.nn import functional as F

from training.prior.neighbours import MAGNITUDES, MEANS

ITERATIONS, RATE = 3000, 0.06
BATCH = 16_000  # coefficients of all channels together, for each step of the fit; at least 500 of each channel


def laplacian_mass(distance, spread):
    """Mass of the unit interval at a distance from the centre of a Laplacian whose mean magnitude is `spread`."""
    far = torch.exp(-(distance + 0.5) / spread)
    outside = (torch.exp(-(distance - 0.5).clamp_min(0) / spread) - far) / 2
    inside = 1 - (torch.exp(-(0.5 - distance).clamp_min(0) / spread) + far) / 2
    return torch.where(distance >= 0.5, outside, inside)


def code_length(t, mean, spread):
    distance = (t - mean).abs()
    mixture = 0.8 * laplacian_mass(distance, spread) + 0.2 * laplacian_mass(distance, 2.5 * spread)
    return -(mixture + 1e-7).log2()


class Row(torch.nn.Module):
    """The weights of one band, for all its channels. Spreads are added up as their powers of 3/4."""

    def __init__(self, channels, starts):
        super().__init__()
        raw = torch.full((channels, 1, MAGNITUDES), -5.0)
        raw[..., :2], raw[..., 5] = -1.5, -2.0
        self.magnitude = torch.nn.Parameter(raw)
        self.mean = torch.nn.Parameter(torch.zeros(channels, 1, MEANS))
        self.bias = torch.nn.Parameter(torch.log(torch.expm1((starts / 2).clamp(0.005, 25) ** 0.75)))

    def forward(self, magnitudes, values, step):
        power = (F.softplus(self.magnitude) / 16 @ magnitudes)[:, 0] + F.softplus(self.bias[:, step, None]) + 0.01
        return (self.mean @ values)[:, 0], power ** (4 / 3)

    @torch.no_grad()
    def integers(self):
        """-> (29,C), (34,C) in units of 1/256, (C,P) in units of 1/4096."""
        weights = (F.softplus(self.magnitude[:, 0]).T, self.mean[:, 0].T)
        weights = tuple((256 * w).round().clamp(-(1 << 11), 1 << 11).int() for w in weights)
        return *weights, (4096 * (F.softplus(self.bias) + 0.01)).round().clamp_max(1 << 24).int()


def fit(samples, key):
    """Minimises the mean code length of one band over all steps."""
    starts = torch.stack([samples.get(key, i)[0].abs().mean(1) for i in range(samples.points)], 1)
    row = Row(len(starts), starts)
    optimizer = torch.optim.Adam(row.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, ITERATIONS, RATE / 50)
    batch = max(500, BATCH // samples.channels)
    for iteration in range(ITERATIONS):
        i = iteration % samples.points
        t, coded, magnitudes, values = samples.some(key, i, batch, iteration // samples.points)
        loss = (coded * code_length(t, *row(magnitudes, values, i))).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return row.integers()
