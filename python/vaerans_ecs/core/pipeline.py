"""Pipe (eager, on entities) and Pipeline (a chain without an entity, printable as a recipe)."""

from .._vaerans import Contract, Failure, Group, Pipe, Pipeline, Port, RunResult

__all__ = ["Contract", "Failure", "Group", "Pipe", "Pipeline", "Port", "RunResult"]
