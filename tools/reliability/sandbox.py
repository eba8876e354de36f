"""Work in child processes, so that a crash, a hang or a flood of memory is a result and not the end of the count."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SECONDS = 120  # what one child may take of the CPU


@dataclass
class Run:
    """How a child ended: exit status (negative: a signal's number), peak memory in bytes, CPU and wall seconds."""

    status: int
    peak: int
    cpu: float
    wall: float = 0

    @property
    def crashed(self) -> bool:
        return self.status < 0 and -self.status != signal.SIGKILL

    @property
    def hung(self) -> bool:
        return -self.status in (signal.SIGKILL, signal.SIGXCPU)


def limit(seconds: int = SECONDS) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(words: list[str], seconds: int = SECONDS, folder: str | None = None) -> Run:
    """A program. A small process starts it: the peak of memory that Linux tells begins with that of the parent."""
    helper = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(seconds), *words]
    done = subprocess.run(helper, cwd=folder, capture_output=True, text=True, check=True)
    status, peak, cpu, wall = done.stdout.split()
    return Run(int(status), int(peak), float(cpu), float(wall))


def start(words: list[str], seconds: int = SECONDS) -> int:
    """Starts a program that hears and says nothing, and gives its number."""
    child = os.fork()
    if child == 0:
        limit(seconds)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.execvp(words[0], words)
    return child


def wait(child: int) -> Run:
    _, status, usage = os.wait4(child, 0)
    return Run(os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime)


def tally(items: Iterable[bytes], judge: Callable[[bytes], str], batch: int = 200) -> dict[str, int]:
    """How often each verdict was given. `judge` runs in a child for each batch; one that dies is 'crashed' or 'hung'.

    A batch in which a child died is taken up behind the item that killed it.
    """
    counts: dict[str, int] = {}
    for group in batches(items, batch):
        rest = group
        while rest:
            verdicts, end = judged(rest, judge)
            if end is not None:
                verdicts.append("hung" if end.hung else "crashed")
            for verdict in verdicts:
                counts[verdict] = counts.get(verdict, 0) + 1
            rest = rest[len(verdicts) :]
    return counts


def judged(items: list[bytes], judge: Callable[[bytes], str]) -> tuple[list[str], Run | None]:
    """The verdicts that a child gave before it ended, and how it ended where that was too early."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        limit()
        os.close(read)
        for item in items:
            os.write(write, (judge(item) + "\n").encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        verdicts = pipe.read().splitlines()
    end = wait(child)
    return verdicts, None if len(verdicts) == len(items) else end


def batches(items: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    for item in items:
        group.append(item)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def kill_after(words: list[str], seconds: float) -> int:
    """Starts a program, kills it after so many seconds, and gives its status."""
    child = start(words)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return wait(child).status


if __name__ == "__main__":
    begin = time.monotonic()
    ended = wait(start(sys.argv[2:], int(sys.argv[1])))
    print(ended.status, ended.peak, ended.cpu, time.monotonic() - begin)
