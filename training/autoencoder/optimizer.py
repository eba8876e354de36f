"""Muon for the convolutions, Adam for the rest.

Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon) replaces the momentum of a weight matrix by its
nearest orthogonal matrix, found by five Newton-Schulz steps; the factor 0.2 sqrt(max side) (Liu et al. 2025, arXiv
2502.16982) gives updates of Adam's usual size, so both share one learning rate.
"""

import torch


def orthogonalise(m, steps=5):
    """(B,r,c) matrices with r <= c -> nearly orthogonal rows; quintic Newton-Schulz, coefficients from the Muon report.

    Each step multiplies from the left by a polynomial of the Gram matrix, so the steps run on small (r,r) matrices and
    meet the wide one once: less than half of the work, and float32 has precision enough for five steps.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    m = m / (m.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    gram = m @ m.mT
    identity = torch.eye(m.shape[-2], dtype=m.dtype, device=m.device)
    product = identity.expand_as(gram)
    for _ in range(steps):
        factor = torch.baddbmm(gram, gram, gram, beta=b, alpha=c).add_(identity, alpha=a)
        product = factor @ product
        gram = factor @ gram @ factor
    return product @ m


class Muon(torch.optim.Optimizer):
    """For convolution weights (out,in,kh,kw), seen as (out, in*kh*kw); those of one shape are updated together. The
    learning rate may be a tensor, so that a CUDA graph can hold the step."""

    def __init__(self, params, lr=1e-3, momentum=0.95, weight_decay=0.0):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    def _direction(self, p, momentum):
        state = self.state[p]
        if not state:
            state["momentum"] = torch.zeros_like(p)
        state["momentum"].lerp_(p.grad, 1 - momentum)
        matrix = p.grad.lerp(state["momentum"], momentum).reshape(p.shape[0], -1)  # Nesterov
        return matrix if matrix.shape[0] <= matrix.shape[1] else matrix.mT

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            alike = {}
            for p in group["params"]:
                if p.grad is not None:
                    alike.setdefault(p.shape, []).append(p)
            for params in alike.values():
                self._step_alike(params, group)

    def _step_alike(self, params, group):
        updates = orthogonalise(torch.stack([self._direction(p, group["momentum"]) for p in params]))
        updates = updates * (group["lr"] * 0.2 * max(updates.shape[1:]) ** 0.5)
        for p, update in zip(params, updates, strict=True):
            update = update if update.shape[0] == p.shape[0] else update.mT
            p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(update.reshape(p.shape))


def split_parameters(model):
    """What is trained: the hidden 3x3 convolutions (for Muon), and all other weights and biases (for Adam)."""
    hidden, rest = [], []
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        is_hidden = p.ndim == 4 and p.shape[-1] == 3 and ".stem" not in name and ".head" not in name
        (hidden if is_hidden else rest).append(p)
    return hidden, rest
