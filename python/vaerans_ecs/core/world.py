"""The world: entities, their components, and the arena that holds them all."""

from .._vaerans import Spec, Subband, TrailStep, World

__all__ = ["Spec", "Subband", "TrailStep", "World"]
