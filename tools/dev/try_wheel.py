"""Installs a wheel where there is Python and nothing else, and compresses a picture with it.

`./dev wheel` runs it. The root that it makes holds the interpreter with its library, the C library and libstdc++, and
a site-packages with the wheel and what pip gets for it; no compiler, no libvips, none of the libraries that vaerans is
built with. It needs `chroot` in a user namespace (unshare) or root; where neither is allowed it says so and fails.

usage: python try_wheel.py WHEEL
"""

import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = ("libhwy", "libtbb", "libcrypto", "libvips")  # on this machine; the wheel brings its own
# What manylinux lets a wheel take for granted, and what the interpreter itself needs.
ALLOWED = r"lib(c|m|dl|rt|pthread|util|stdc\+\+|gcc_s|z|expat|ffi|python3\.\d+)[-.0-9]*\.so|ld-linux"

# The C library's parts and libstdc++, which wheels of others need as well.
TAKEN_FOR_GRANTED = (
    "libstdc++.so.6",
    "libgcc_s.so.1",
    *(f"lib{part}" for part in ("c.so.6", "m.so.6", "dl.so.2", "rt.so.1", "pthread.so.0", "util.so.1")),
)

PROGRAM = """
import pathlib, subprocess, sys, sysconfig
import numpy as np
import vaerans_ecs as vaerans
picture = np.random.default_rng(1).integers(0, 255, (96, 128, 3), np.uint8)
lossless = vaerans.compress(picture, lossless=True)
assert np.array_equal(vaerans.decompress(lossless), picture)
small = vaerans.compress(picture, quality=50)
assert vaerans.decompress(small).shape == picture.shape
pathlib.Path("/tmp/a.vrs").write_bytes(small)
loaded = {line.split()[-1] for line in open("/proc/self/maps") if ".so" in line}
outside = [path for path in loaded if "site-packages" not in path and any(bad in path for bad in FORBIDDEN)]
assert not outside, outside
script = pathlib.Path("/site-packages/bin/vaerans")
command = [sys.executable, script, "decompress", "/tmp/a.vrs", "-o", "/tmp/a.png"]
done = subprocess.run(command, capture_output=True, text=True)
assert done.returncode == 0, done.stderr
print(f"vaerans {vaerans.__version__}: {len(lossless)} bytes lossless, {len(small)} at quality 50, {done.stdout}")
"""


def needs(binary: Path) -> set[Path]:
    """The shared libraries that the loader gives a program."""
    said = subprocess.run(["ldd", binary], capture_output=True, text=True).stdout
    return {Path(path) for path in re.findall(r"(/\S+\.so\S*)", said)}


def put(root: Path, path: Path) -> None:
    """Copies a file to its own place within the root, links followed."""
    to = root / path.relative_to("/")
    to.parent.mkdir(parents=True, exist_ok=True)
    if not to.exists():
        shutil.copy2(path.resolve(), to)


def make_root(root: Path) -> Path:
    """Python, its standard library, and the libraries that both may count on. Gives the interpreter's place."""
    python = Path(sys.base_prefix, "bin", f"python{sysconfig.get_python_version()}").resolve()
    standard = Path(sysconfig.get_path("stdlib"))
    hidden = shutil.ignore_patterns(
        "test", "tests", "__pycache__", "site-packages", "dist-packages", "idlelib", "config-*"
    )
    shutil.copytree(standard, root / standard.relative_to("/"), ignore=hidden)
    put(root, python)
    binaries = [python, *(root / standard.relative_to("/")).rglob("*.so")]
    libraries = {library for binary in binaries for library in needs(binary)}
    libraries |= {found for name in TAKEN_FOR_GRANTED if (found := library_of(name))}
    for library in libraries:
        if re.match(ALLOWED, library.name):
            put(root, library)
    for folder in ("tmp", "proc", "dev"):
        (root / folder).mkdir(exist_ok=True)
    return python


def library_of(name: str) -> Path | None:
    said = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True).stdout
    found = re.search(rf"{re.escape(name)} .*x86-64.* => (\S+)", said) or re.search(
        rf"{re.escape(name)} .* => (\S+)", said
    )
    return Path(found[1]) if found else None


def install(root: Path, wheel: Path) -> None:
    """What `pip install WHEEL` would install, from wheels alone."""
    constraints = ROOT / "requirements" / "constraints.txt"
    pinned = ROOT / "requirements" / "runtime.txt"
    command = [sys.executable, "-m", "pip", "install", "-q", "--only-binary=:all:", "--target", root / "site-packages"]
    subprocess.run([*command, "-c", constraints, "-c", pinned, wheel], check=True)


def require_whole(wheel: Path) -> None:
    """Everything of the package is in the wheel, and what pip makes of it."""
    held = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "python"
    wanted = {str(path.relative_to(package)) for path in package.rglob("vaerans_ecs/**/*") if path.is_file()}
    wanted = {name for name in wanted if "__pycache__" not in name}
    wanted |= {f"vaerans_ecs/{path.relative_to(ROOT)}" for path in (ROOT / "models").rglob("*.json")}
    if missing := sorted(wanted - held):
        sys.exit(f"the wheel lacks {', '.join(missing)}")


def main(wheel: Path) -> int:
    require_whole(wheel)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        python = make_root(root)
        install(root, wheel)
        program = f"FORBIDDEN = {FORBIDDEN}\n{PROGRAM}"
        (root / "try.py").write_text(program)
        enter = ["unshare", "--map-root-user", "--mount", "--pid", "--fork", f"--root={root}", "--mount-proc=/proc"]
        clean = {"HOME": "/tmp", "PYTHONPATH": "/site-packages", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run([shutil.which("unshare"), *enter[1:], python, "/try.py"], env=clean)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
