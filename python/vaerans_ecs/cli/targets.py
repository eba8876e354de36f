"""Which input becomes which output: beside it, under -o, or the tree of a folder mirrored under -o."""

from __future__ import annotations

import argparse
import fnmatch
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..errors import FileError, InvalidArgument, OutputExists, VaeransError
from ..pictures import PICTURE_SUFFIXES
from .said import UsageError
from .streams import is_terminal

STANDARD = "-"  # stdin or stdout


class Task(NamedTuple):
    source: str
    target: str
    problem: VaeransError | None = None  # why nothing can be made of it, where that is known already


class Input(NamedTuple):
    file: str
    place: str  # within the folder that was given
    problem: VaeransError | None = None  # that a folder in it cannot be read


def is_picture(name: str) -> bool:
    return Path(name).suffix.lower() in PICTURE_SUFFIXES


def is_vrs(name: str) -> bool:
    return Path(name).suffix.lower() == ".vrs"


def told(ask: Callable[[], bool]) -> bool:
    """No, too, where the system refuses to say, as below closed folders: who opens the file then hears why."""
    try:
        return ask()
    except (OSError, ValueError):
        return False


def is_folder(name: str) -> bool:
    return bool(name) and told(Path(name).is_dir)


def is_same(one: str, other: str) -> bool:
    """./q.png is q.png, and so is a link to it."""
    return told(lambda: Path(one).samefile(other))


def inputs(given: argparse.Namespace, wanted: Callable[[str], bool]) -> list[Input]:
    """Each file that is wanted, and folders that cannot be read."""
    found: list[Input] = []
    for source in given.inputs:
        if is_folder(source) and not given.recursive:
            raise UsageError(f"{source} is a folder: -r takes the files in it")
        found += _below(source, given, wanted) if is_folder(source) else [Input(source, Path(source).name)]
    if (given.include or given.exclude) and not given.recursive:
        raise UsageError("--include and --exclude go with -r")
    return found


def _below(folder: str, given: argparse.Namespace, wanted: Callable[[str], bool]) -> list[Input]:
    """In the order of their paths. Links to folders are not followed."""
    closed: list[OSError] = []
    walk = os.walk(folder, onerror=closed.append)
    places = [os.path.relpath(Path(at, name), folder) for at, _, names in walk for name in names]
    taken = [place for place in places if (_matches(given.include, place) if given.include else wanted(place))]
    taken = [place for place in taken if not _matches(given.exclude, place)]
    found = [Input(path, place) for place in taken if told(Path(path := str(Path(folder, place))).is_file)]
    problems = [_closed(folder, error, alone=len(given.inputs) == 1) for error in closed]
    return sorted(found + problems, key=lambda one: one.place)


def _closed(folder: str, error: OSError, alone: bool) -> Input:
    """Without the folder that is given alone there is nothing to do; others cost themselves."""
    problem = f"the folder cannot be read: {error.strerror}"
    if Path(error.filename) == Path(folder) and alone:
        raise FileError(f"{folder}: {problem}")
    return Input(error.filename, os.path.relpath(error.filename, folder), FileError(problem))


def _matches(patterns: list[str], place: str) -> bool:
    """A pattern without a slash is about the name alone, as in .gitignore."""
    return any(fnmatch.fnmatchcase(place if "/" in p else Path(place).name, p) for p in patterns)


def plan(given: argparse.Namespace, wanted: Callable[[str], bool], suffix: str) -> tuple[list[Task], int]:
    """The tasks, and how many are left out since their output is there. Raises UsageError."""
    found = inputs(given, wanted)
    tasks = _trees(found, given, suffix) if given.recursive else _named_files(given, suffix)
    left = [task for task in tasks if not (given.skip_existing and is_done(task))]
    return left, len(tasks) - len(left)


def _trees(found: list[Input], given: argparse.Namespace, suffix: str) -> list[Task]:
    """Each file below a folder has its own problems."""
    if given.output in (None, "", STANDARD):
        raise UsageError("-r needs -o FOLDER, where the results go")
    writers: dict[str, str] = {}
    tasks = []
    for source, place, problem in found:
        if problem:
            tasks.append(Task(source, "", problem))
            continue
        target = str(Path(given.output, place).with_suffix(suffix))
        first = writers.setdefault(target, source)
        conflict = None if first == source else OutputExists(f"would be written to {target}, as {first} is")
        tasks.append(Task(source, target, conflict))
    return tasks


def _named_files(given: argparse.Namespace, suffix: str) -> list[Task]:
    """Where names that the user has given contradict each other nothing is done: they were meant in another way."""
    _require_sense(given.inputs, given.output or "")
    tasks = [Task(source, _target(source, given, suffix)) for source in given.inputs]
    writers: dict[str, str] = {}
    for source, target, _ in tasks:
        if source != STANDARD and (source == target or is_same(source, target)):
            raise UsageError(
                f"{source} would be written over itself; is it the right command? Another name goes with -o"
            )
        if target in writers:
            raise UsageError(f"{writers[target]} and {source} would both be written to {target}")
        writers[target] = source
    return tasks


def _require_sense(sources: list[str], output: str) -> None:
    if len(sources) > 1 and output == STANDARD:
        raise UsageError("several files cannot go to one stdout: name a folder with -o")
    if len(sources) == 2 and not output and sources[1] != STANDARD and not told(Path(sources[1]).exists):
        # `compress a.png a.vrs`, as cjxl and others have it
        raise UsageError(f"{sources[1]}: there is no such file; to write to it, say: {sources[0]} -o {sources[1]}")
    folder = output != STANDARD and (len(sources) > 1 or output.endswith("/"))
    if output and folder and told(Path(output).exists) and not is_folder(output):
        raise UsageError(f"with several inputs -o is a folder, and {output} is a file")


def is_done(task: Task) -> bool:
    """A problem is told, whoever made the file that is there."""
    return task.problem is None and task.target != STANDARD and told(Path(task.target).exists)


def _target(source: str, given: argparse.Namespace, suffix: str) -> str:
    output, several = given.output or "", len(given.inputs) > 1
    if not output and source == STANDARD:
        return STANDARD
    if not output:
        return str(Path(source).with_suffix(suffix)) if Path(source).name else suffix
    if output == STANDARD or not (several or output.endswith("/") or is_folder(output)):
        return output
    name = "stdin" if source == STANDARD else Path(source).name
    return str(Path(output, name).with_suffix(suffix))


def require_free(task: Task, force: bool) -> None:
    """Whether the task may write where it would. Raises its problem, OutputExists, InvalidArgument, FileError."""
    if task.problem:
        raise task.problem
    if task.target == STANDARD:
        if is_terminal() and not force:
            raise InvalidArgument("stdout is a terminal; -f writes binary data to it all the same")
        return
    target = Path(task.target)
    if is_same(task.source, task.target):  # a tree that is mirrored onto itself
        raise UsageError(f"{target} would be written over itself; is it the right command? Another name goes with -o")
    if told(target.is_file) and not force:
        raise OutputExists(f"{target}: exists already; choose another name with -o, or replace it with --force")
    try:
        (target.parent / "..").stat()  # which says what is wrong with it
    except OSError as error:
        raise unwritable(task.target, error) from None


def unwritable(target: str, error: OSError) -> FileError:
    return FileError(f"{'stdout' if target == STANDARD else target}: cannot be written: {error.strerror or error}")


def make_folders(tasks: list[Task], given: argparse.Namespace) -> None:
    several = len(tasks) > 1 or (given.output or "").endswith("/")
    if given.recursive or (several and given.output not in (None, STANDARD)):
        for folder in {Path(task.target).parent: None for task in tasks if not task.problem}:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise FileError(f"{folder}: the folder cannot be made: {error.strerror or error}") from None


def named(name: str, standard: str = "stdin") -> str:
    return standard if name == STANDARD else name


def arrow(task: Task) -> str:
    return f"{named(task.source)} -> {named(task.target, 'stdout')}"


def names_of(task: Task) -> dict[str, str]:
    return {"input": named(task.source), "output": named(task.target, "stdout")}
