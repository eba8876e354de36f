"""The world: entities, their components, and the arena that holds them all."""

from .._vaerans import Subband, Spec, TrailStep, World

__all__ = ["Subband", "Spec", "TrailStep", "World"]
