"""Transforms and coding of a batch of eight, by wall clock: two threads against one."""

from __future__ import annotations

from collections.abc import Iterator

from harness import WALL, Row, Run, best_of_rounds, less_is_better

NAME = "pipeline"
TITLE = "Two threads"
LIBRARIES = ()
THREADS, CLOCK = 2, WALL
TURNS = 5  # more rounds than elsewhere: both cores have to be free at once for a good one


def rows(run: Run) -> Iterator[Row]:
    best = best_of_rounds(run, NAME, {}, TURNS * run.scale.rounds)
    for name in dict.fromkeys(key.partition("/")[0] for key in best):
        two, one = best[f"{name}/2 threads"], best[f"{name}/1 thread"]
        yield less_is_better(f"8 × {name}, 2 threads", "ms", 1e3 * two.seconds, "our 1 thread", 1e3 * one.seconds)
