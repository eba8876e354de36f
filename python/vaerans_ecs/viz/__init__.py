"""Figures for papers and notebooks: rate–distortion curves, histograms, residual maps.

Needs the extra ``vaerans-ecs[report]``; importing this package does not, drawing does."""

from .plots import histogram, rd_curve, residual_map

__all__ = ["histogram", "rd_curve", "residual_map"]
