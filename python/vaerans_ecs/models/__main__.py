"""python -m vaerans_ecs.models export REPO_OR_FOLDER: an autoencoder of diffusers as a model of vaerans.

python -m vaerans_ecs.models fetch HASH --from PLACE: the model with a decoder's hash, from a package of Python, too.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from . import add_model, fetch_model, find_model, model_name_of, verify_model


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m vaerans_ecs.models", description="Models for vaerans.")
    commands = top.add_subparsers(dest="command", required=True)
    export = commands.add_parser(
        "export",
        help="export an autoencoder of diffusers to ONNX",
        description="Exports a diffusers autoencoder (AutoencoderKL, AutoencoderTiny, …) to two ONNX graphs, checks "
        "them and adds them to the user's models. Needs: pip install 'vaerans-ecs[export]'. Repositories that are not "
        "in the Hugging Face cache are downloaded by diffusers.",
    )
    export.add_argument("source", metavar="REPO_OR_FOLDER", help="'org/name', or a folder with config.json")
    export.add_argument("-o", "--output", type=Path, help="write to this folder instead of adding it")
    export.add_argument("--name", default="", help="name of the model; by default that of its repository or folder")
    export.add_argument("--subfolder", help="folder in the repository; by default its top or 'vae'")
    export.add_argument("--revision", help="branch, tag or commit of the repository")
    fetcher = commands.add_parser("fetch", help="get the model with a decoder's hash into the user's folder")
    fetcher.add_argument("hash", metavar="HASH", help="16 to 64 hex digits, as files and errors say it")
    fetcher.add_argument(
        "--from",
        dest="sources",
        metavar="PLACE",
        action="append",
        default=[],
        help="folder of models, URL of one, or package:NAME; by default VAERANS_MODEL_SOURCES",
    )
    fetcher.add_argument("--encoder", action="store_true", help="with the encoder, to compress by it as well")
    return top


def fetch(args: argparse.Namespace) -> None:
    info = fetch_model(args.hash, args.sources, encoder=args.encoder)
    print(f"{info.name} is here: {info.folder}")


def export(args: argparse.Namespace) -> None:
    from .export import export_autoencoder, load_autoencoder

    folder = Path(args.source)
    name = args.name or (folder.resolve().name if folder.is_dir() else model_name_of(args.source))
    vae = load_autoencoder(args.source, subfolder=args.subfolder, revision=args.revision)
    if args.output is not None:
        if args.output.exists() and any(args.output.iterdir()):
            raise FileExistsError(f"{args.output} is not empty")
        export_autoencoder(vae, args.output)
        report = verify_model(f"{args.output.resolve()}/")
        print(f"{args.output}: written")
        for check in report.checks:
            print(f"  {'ok' if check.passed else 'WRONG':6} {check.what}: {check.detail}")
        return
    with tempfile.TemporaryDirectory() as work:
        made = export_autoencoder(vae, Path(work) / name)
        info = add_model(str(made), name)
    print(f"{info.name} added: {find_model(info.folder).folder}")


def main(arguments: list[str] | None = None) -> int:
    args = parser().parse_args(arguments)
    try:
        export(args) if args.command == "export" else fetch(args)
    except (ImportError, OSError, ValueError, RuntimeError, LookupError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
