"""From the words of a command line to an exit code."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ..core.context import Context, Limits
from ..errors import FileError, VaeransError
from ..pictures.opening import held_to
from ..plugins import load_plugin
from . import commands, compare, latents, models, registry, streams
from .decompress import decompress
from .parser import COMMANDS, parser
from .said import IO, USAGE, Report, UsageError, code_of, complain, exit_of, exit_of_reading
from .targets import STANDARD, inputs, is_folder, is_picture, is_vrs, make_folders, named, plan, require_free
from .writing import require_known_formats, suffix_of

# What does it, to which files, and what results are called beside them; "" by --format.
TASKS: dict[str, tuple[Callable[..., None], Callable[[str], bool], str]] = {
    "compress": (commands.compress, is_picture, ".vrs"),
    "decompress": (decompress, is_vrs, ""),
    "strip": (commands.strip, is_vrs, ".stripped.vrs"),
    "transcode": (commands.transcode, is_vrs, ".transcoded.vrs"),
}
READING = {"info": commands.info, "verify": commands.verify}
EXPECTED = (VaeransError, OSError, MemoryError, UsageError)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code. Without `arguments` this process is the command, and takes its words."""
    streams.begin(as_program=arguments is None)
    try:
        code = answer(list(sys.argv[1:] if arguments is None else arguments))
    except SystemExit as end:  # the parser has said what it had to
        if end.code or not streams.lost():
            raise
        code = 0
    return code or _exit_of_stdout()


def _exit_of_stdout() -> int:
    """Text that did not reach its reader is no success."""
    if not streams.lost():
        return 0
    complain(FileError("stdout: cannot be written"))
    return IO


def answer(words: list[str]) -> int:
    if words[:1] == ["help"]:
        words = [*words[1:2], "--help"]
    given = parser().parse_args(_with_known_command(_plugins_first(words)))
    try:
        for plugin in given.plugin:
            load_plugin(plugin)
        return run(given)
    except EXPECTED as error:
        complain(error)
        return exit_of(code_of(error))
    except KeyboardInterrupt:
        return 128 + 2


def _plugins_first(words: list[str]) -> list[str]:
    """--plugin may stand behind the command, too, where argparse would not look for it."""
    first, rest, left = [], [], iter(words)
    for word in left:
        value = next(left, None) if word == "--plugin" else None
        if value is not None:
            first += [word, value]
        elif word.startswith("--plugin="):
            first.append(word)
        else:
            rest += [word, *left] if word == "--" else [word]
    return first + rest


def _with_known_command(words: list[str]) -> list[str]:
    """A file in the place of a command gets an answer that helps."""
    first = next((word for word in words if not word.startswith("-")), "")
    if first and words[0] == first and first not in COMMANDS.split():
        parser().error(f"there is no command '{first}'; for a file: vaerans compress FILE")
    return words


def run(given: argparse.Namespace) -> int:
    if given.command in TASKS:
        return run_tasks(given)
    if given.command == "eval":
        return run_eval(given)
    if given.command in READING:
        return run_reading(given)
    others: dict[str, Callable[[argparse.Namespace], int]] = {"systems": registry.run, "models": models.run}
    return others.get(given.command, latents.run)(given)


def run_tasks(given: argparse.Namespace) -> int:
    """One bad file never costs the others."""
    work, wanted, suffix = TASKS[given.command]
    require_honest_name(given)
    tasks, skipped = plan(given, wanted, suffix_of_results(given, suffix))
    if given.command == "decompress":
        require_known_formats(tasks, given)
    to_stdout = any(task.target == STANDARD for task in tasks)
    report = Report(quiet=given.quiet, as_json=given.json, to_stderr=to_stdout)
    report.skipped = skipped
    context = context_of(given)
    make_folders(tasks, given)
    for task in tasks:
        try:
            require_free(task, given.force)
            with held_to(context.limits):
                work(task, given, context, report)
        except EXPECTED as error:
            number = exit_of_error(error, exit_of if given.command == "compress" else exit_of_reading)
            report.failed(named(task.source), error, number, named(task.target, "stdout"))
    if given.recursive:
        report.sums(timed=True)
    if getattr(given, "trace", None):
        Path(given.trace).write_text(json.dumps(context.trace), "utf-8")
    return report.exit()


def suffix_of_results(given: argparse.Namespace, beside: str) -> str:
    """In a folder of their own .vrs files that are made of .vrs files keep their names."""
    if not beside:
        return suffix_of(STANDARD, given.format)
    return beside if given.output is None else ".vrs"


def require_honest_name(given: argparse.Namespace) -> None:
    """A .vrs file under the name of a picture would be opened by nothing."""
    output = given.output or ""
    if given.command == "compress" and is_picture(output) and not is_folder(output):
        better = Path(output).with_suffix(".vrs")
        raise UsageError(f"{output}: compress writes .vrs files, whatever their name says; use {better}")


def require_one_preview(given: argparse.Namespace) -> None:
    preview = getattr(given, "preview", None)
    if preview and (len(given.inputs) > 1 or given.recursive):
        raise UsageError("--preview writes one picture, so it goes with one file")
    if preview == STANDARD:
        raise UsageError("--preview - and what info says would mix on stdout; name a file")


def context_of(given: argparse.Namespace) -> Context:
    limits = Limits(max_pixels=given.max_pixels) if getattr(given, "max_pixels", None) else Limits()
    wanted = {name: getattr(given, name) for name in ("device", "threads") if hasattr(given, name)}
    return Context(limits=limits, trace=bool(getattr(given, "trace", None)), **wanted)


def run_reading(given: argparse.Namespace) -> int:
    require_one_preview(given)
    report = Report(as_json=given.json)
    for source, _, problem in inputs(given, is_vrs):
        try:
            if problem:
                raise problem
            READING[given.command](source, given, report)
        except EXPECTED as error:
            report.failed(named(source), error, exit_of_error(error, exit_of_reading))
    if given.recursive:
        report.sums(timed=False)
    return report.exit()


def run_eval(given: argparse.Namespace) -> int:
    report = Report(as_json=given.json)
    if is_folder(given.original) and not given.recursive:
        raise UsageError(f"{given.original} is a folder: -r takes the files in it")
    originals = compare.Originals(given.original) if given.recursive else None
    for source, place, problem in inputs(given, lambda name: is_vrs(name) or is_picture(name)):
        try:
            if problem:
                raise problem
            original = originals.of(place) if originals else given.original
            compare.compare(original, source, given, report)
        except EXPECTED as error:
            about = "" if originals else named(given.original)  # which an error may name instead
            report.failed(named(source), error, exit_of_error(error, exit_of_reading), about)
    if given.recursive:
        report.sums(timed=True)
    return report.exit()


def exit_of_error(error: Exception, of_code: Callable[[str], int]) -> int:
    return USAGE if isinstance(error, UsageError) else of_code(code_of(error))
