"""Stdin, stdout and stderr of the command, each of which may be closed or lead to a full disk.

A line that does not reach stdout costs no file: it is told at the end, as by the program. Where nobody reads any more,
the command ends as programs do, by SIGPIPE; in a program that calls main() it is a failure like others.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from typing import Any

from ..errors import FileError, VaeransError


class _State:
    as_program = False  # whether this process is the command, and not one that calls main()
    lost = False  # whether something did not reach stdout


def begin(as_program: bool) -> None:
    _State.as_program, _State.lost = as_program, False


def lost() -> bool:
    """Whether something did not reach stdout since begin(), what waits to be written included."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        _give_up(sys.stdout, error)
    return _State.lost


def say(text: str, *, to_stderr: bool = False) -> None:
    """A line, or several."""
    stream = sys.stderr if to_stderr else sys.stdout
    try:
        print(text, file=_there(stream), flush=True)
    except OSError as error:
        _give_up(stream, error)


def write_stdout(data: bytes) -> None:
    """Raises FileError."""
    try:
        _there(sys.stdout).buffer.write(data)
        sys.stdout.flush()
    except OSError as error:
        _give_up(sys.stdout, error)
        raise FileError(f"stdout: cannot be written: {error.strerror or error}") from None


def is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


class Stdin:
    """Stdin, whose errors are FileErrors that say so."""

    def read(self, most: int = -1) -> bytes:
        try:
            return _there(sys.stdin).buffer.read(most)
        except VaeransError:
            raise
        except OSError as error:
            raise FileError(f"stdin: cannot be read: {error.strerror or error}") from None


def _there(stream: Any) -> Any:
    """Python has None for what is closed when it starts, and print() takes stdout for None."""
    if stream is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return stream


def _give_up(stream: Any, error: OSError) -> None:
    if stream is sys.stdout:
        _State.lost = True
    if stream is None or not _State.as_program:
        return
    if isinstance(error, BrokenPipeError) and hasattr(signal, "SIGPIPE"):
        # Python ignores it from its start on, for the sake of sockets, which go on to be treated so.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    with contextlib.suppress(OSError, ValueError):  # what is left in its buffer would fail again at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
