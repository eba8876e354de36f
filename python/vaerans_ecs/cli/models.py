"""vaerans models: what is installed, added, fetched and compared; the texts and the JSON of the program."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from .. import models
from .said import exit_of, print_json, print_line, row, shown
from .streams import say

ARGUMENTS = {
    "NAME": "name, NAME@HASH, folder, or repository in the Hugging Face cache",
    "HASH": "16 to 64 hex digits, as files and errors say it",
    "FOLDER": "a folder of model folders",
    "A": "name, NAME@HASH or folder",
}
SOURCES = """folder of models, or http, https or file URL of one, or package:NAME; several are tried in order; without
it those in VAERANS_MODEL_SOURCES, separated by ';'"""
FIELDS = ("name", "folder", "description", "licence", "revision", "repository", "latent_channels", "factor")
LONGEST = 40  # characters of a value that a line about a difference has


def add_options(c: Any) -> None:
    below = c.add_subparsers(dest="models_command", metavar="COMMAND")
    c.set_defaults(models_command="list", json=False)

    def command(name: str, help: str, argument: str = "NAME") -> Any:
        made = below.add_parser(name, help=help, description=help)
        if argument:
            made.add_argument("name", metavar=argument, help=ARGUMENTS[argument])
        return made

    command("list", "all models on the path, and what else has their names", "")
    command("info", "what the card of one model says")
    add = command("add", "copy a model that passes its check into the user's folder")
    add.add_argument("--name", dest="new_name", default="", metavar="TEXT", help="the name it gets there")
    command("remove", "remove a model from the user's folder")
    command("verify", "run a built-in picture through a model and judge the result")
    fetch = command("fetch", "get the model with a decoder's hash into the user's folder", "HASH")
    fetch.add_argument("--from", dest="sources", action="extend", nargs="+", default=[], metavar="PLACE", help=SOURCES)
    fetch.add_argument("--encoder", action="store_true", help="with the encoder, to compress by it as well")
    command("index", "write a folder's models.json, by which fetch finds its models on the web", "FOLDER")
    diff = command("diff", "what two models differ in: cards, hashes, sizes, measured quality", "A")
    diff.add_argument("other", metavar="B", help="likewise")
    for name in ("list", "info", "verify", "fetch", "diff"):
        below.choices[name].add_argument("--json", action="store_true", help="as JSON")


def run(given: argparse.Namespace) -> int:
    return WORK[given.models_command](given) or 0


def summary(model: models.ModelInfo) -> dict[str, Any]:
    paths = {"encodes": model.encoder_path, "decodes": model.decoder_path, "refines": model.gradient_path}
    return {
        **{field: getattr(model, field) for field in FIELDS},
        **{name: bool(path) for name, path in paths.items()},
        "default_recipe": model.default_recipe,
        "hash": model.hash,
    }


def generation_name(one: models.ModelGeneration) -> str:
    """How a recipe, --model and `models info` name one of several generations."""
    return f"{one.name}@{one.hash[:16]}"


def list_all(given: argparse.Namespace) -> None:
    for broken in models.list_broken_models():
        say(f"left out: {shown(broken.name)}: {shown(broken.problem)}", to_stderr=True)
    found, generations = models.list_models(), models.list_generations()
    if given.json:
        print_json([summary(m) | {"generations": [of_json(g) for g in generations if g.name == m.name]} for m in found])
        return
    for model in found:
        about = f"{model.latent_channels:2} channels, 1/{model.factor}  {model.description}"
        print_line(f"{model.name:<20} {about}")
        print_others(model, generations)
    if not found:
        say("\n".join(["No models. Looked in:", *(f"  {path}" for path in models.model_paths())]), to_stderr=True)


def of_json(one: models.ModelGeneration) -> dict[str, Any]:
    fields = ("revision", "hash", "folder", "encodes", "newest")
    return {"name": generation_name(one), **{field: getattr(one, field) for field in fields}}


def print_others(model: models.ModelInfo, generations: list[models.ModelGeneration]) -> None:
    """Those that the model's own line does not stand for."""
    for one in generations:
        if one.name == model.name and one.folder != model.folder:
            more = "" if one.encodes else ", decodes only"
            more += ", the same weights" if one.hash == model.hash else ""
            print_line(f"  {generation_name(one)}  revision {one.revision or 'unknown'}{more}")


def info(given: argparse.Namespace) -> None:
    model = models.find_model(given.name)
    if given.json:
        print_json(summary(model) | {"card": json.loads(model.card_json)})
        return
    print_line(model.name)
    for label, text in rows_of(model):
        if text:
            print_line(row(label, text))


def rows_of(model: models.ModelInfo) -> list[tuple[str, str]]:
    return [
        ("about", model.description),
        ("licence", model.licence),
        ("revision", model.revision),
        ("from", model.repository),
        ("latents", f"{model.latent_channels} channels, 1/{model.factor} in each direction"),
        ("recipe", model.default_recipe),
        ("encoder", model.encoder_path),
        ("decoder", model.decoder_path),
        ("gradient", model.gradient_path),
        ("hash", model.hash),
    ]


def verify(given: argparse.Namespace) -> int:
    report = models.verify_model(given.name)
    if given.json:
        checks = [{"what": c.what, "passed": c.passed, "detail": c.detail} for c in report.checks]
        numbers = {name: getattr(report, name) for name in ("psnr_db", "latent_std")}
        print_json({"name": report.model.name, "passed": report.passed, **numbers, "checks": checks})
    else:
        print_line(report.model.name)
        for check in report.checks:
            print_line(f"  {'ok' if check.passed else 'WRONG':<6} {check.what:<12} {check.detail}")
    return 0 if report.passed else exit_of("model_invalid")


def add(given: argparse.Namespace) -> None:
    model = models.add_model(given.name, given.new_name)
    print_line(f"{model.name} added: {model.folder}")


def remove(given: argparse.Namespace) -> None:
    models.remove_model(given.name)
    print_line(f"{given.name} removed")


def fetch(given: argparse.Namespace) -> None:
    model = models.fetch_model(given.name, given.sources, encoder=given.encoder)
    if given.json:
        print_json({field: getattr(model, field) for field in ("name", "revision", "hash", "folder")})
    else:
        print_line(f"{model.name}@{model.hash[: max(len(given.name), 16)]} is here: {model.folder}")


def index(given: argparse.Namespace) -> None:
    count = models.write_model_list(given.name)
    print_line(f"{given.name}/models.json: {count} model{'' if count == 1 else 's'}")


def diff(given: argparse.Namespace) -> None:
    found = models.diff_models(given.name, given.other)
    if given.json:
        print_json([{"field": one.field, "a": value_of(one.a), "b": value_of(one.b)} for one in found])
        return
    if not found:
        print_line("no difference")
    width = max((len(one.field) for one in found), default=0)
    for one in found:
        print_line(f"{one.field:<{width}}  {shortened(one.a)}  ->  {shortened(one.b)}{change(one)}")


def value_of(text: str) -> Any:
    return json.loads(text) if text else None


def shortened(text: str) -> str:
    return (text if len(text) <= LONGEST else text[: LONGEST - 1] + "…") if text else "-"


def change(one: models.ModelDifference) -> str:
    """By how much, where both are numbers."""
    a, b = value_of(one.a), value_of(one.b)
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (a, b))
    return f"  ({b - a:+.6g})" if numbers else ""


WORK: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "list": list_all,
    "info": info,
    "verify": verify,
    "add": add,
    "remove": remove,
    "fetch": fetch,
    "index": index,
    "diff": diff,
}
