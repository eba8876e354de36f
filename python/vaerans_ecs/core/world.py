"""The world: entities, their components, and the arena that holds them all."""

from .._vaerans import Section, Spec, TrailStep, World

__all__ = ["Section", "Spec", "TrailStep", "World"]
