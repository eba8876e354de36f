"""Installs the Python package from a CMake build tree into the running interpreter's site-packages.

`pip install .` compiles the library in a tree of its own; this installs the module that `./dev build` has just built,
in well under a second. The result is what pip would leave: the package, its metadata, and a list of its files, so that
`pip show`, `importlib.metadata` and `pip uninstall` know it.

usage: python install_python.py BUILD_TREE
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "vaerans_ecs"
COMPONENTS = ("python", "python_sources")


def install_components(build: Path, site: Path) -> set[Path]:
    """Runs `cmake --install` and returns the files that it manages."""
    files: set[Path] = set()
    for component in COMPONENTS:
        command = ["cmake", "--install", build, "--component", component, "--prefix", site]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        manifest = build / f"install_manifest_{component}.txt"
        files |= {Path(line) for line in manifest.read_text().splitlines()}
    return files


def prune(folder: Path, keep: set[Path]) -> None:
    """Removes files of earlier installs that the sources no longer have."""
    for path in folder.rglob("*"):
        if path.is_file() and path not in keep and "__pycache__" not in path.parts:
            path.unlink()


def write_metadata(site: Path, files: set[Path]) -> None:
    """Writes the .dist-info folder anew, with the same metadata that a wheel would have."""
    from scikit_build_core.build import prepare_metadata_for_build_wheel

    for old in site.glob(f"{PACKAGE}-*.dist-info"):
        shutil.rmtree(old)
    os.chdir(ROOT)
    info = site / prepare_metadata_for_build_wheel(str(site))
    (info / "INSTALLER").write_text("dev\n")
    listed = sorted({*files, *(path for path in info.rglob("*") if path.is_file()), info / "RECORD"})
    (info / "RECORD").write_text("".join(f"{os.path.relpath(path, site)},,\n" for path in listed))


def metadata_is_current(site: Path) -> bool:
    sources = [ROOT / "pyproject.toml", ROOT / "include/vaerans/version.hpp", Path(__file__)]
    found = list(site.glob(f"{PACKAGE}-*.dist-info/METADATA"))
    return len(found) == 1 and found[0].stat().st_mtime > max(path.stat().st_mtime for path in sources)


def main(build: Path) -> None:
    site = Path(sysconfig.get_path("platlib"))
    files = install_components(build, site)
    prune(site / PACKAGE, files)
    if not metadata_is_current(site):
        write_metadata(site, files)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
