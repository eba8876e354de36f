#!/usr/bin/env bash
# The CUDA path on a machine that has a GPU and nothing else of ours: unpacks what pack.sh packed, then runs check.py.
#
#     bash tools/cuda/check.sh FOLDER OUT [check.py's options]
#
# CUDA's and cuDNN's own libraries must be there, where the dynamic loader or Python's packages hold them.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(cd "$1" && pwd)
out=$2
shift 2
mkdir -p "$out"
models=$(cd "$here/../../models" && pwd)
ort=${VAERANS_UNPACKED:-/tmp/vaerans_ort}
mkdir -p "$ort"
began=$SECONDS
python3 - "$folder" "$ort" <<'UNPACK'
import lzma, re, sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

folder, target = map(Path, sys.argv[1:])

def unpack(path):
    return path.stem, lzma.decompress(path.read_bytes())

parts = {}
with ProcessPoolExecutor() as pool:
    for name, data in pool.map(unpack, sorted(folder.glob("*.xz"))):
        whole = re.sub(r"\.\d\d$", "", name)  # parts of one file: NAME.00, NAME.01
        with (target / whole).open("ab" if whole in parts else "wb") as file:
            file.write(data)
        parts[whole] = True
UNPACK
tar -C "$ort" -xf "$ort"/program.tar
echo "{\"what\": \"unpacked\", \"seconds\": $((SECONDS - began))}"
nvidia-smi --query-gpu=name,driver_version,memory.total,memory.used --format=csv,noheader || true
grep -m1 "model name" /proc/cpuinfo || true
nproc

# Folders of NVIDIA's libraries, each once.
folders=$(python3 - <<'FOLDERS'
import re, site, sys
from pathlib import Path
roots = [Path(p) for p in sys.path + site.getsitepackages()] + [Path("/opt/torch/.venv/lib/python3.12/site-packages")]
found = {str(f.parent) for r in set(roots) if (r / "nvidia").is_dir() for f in (r / "nvidia").glob("*/lib/lib*.so*")}
for d in ("/usr/local/nvidia/lib64", "/usr/local/nvidia/lib", "/usr/local/cuda/lib64"):
    if Path(d).is_dir():
        found.add(d)
for r in set(roots):  # versions, for who reads the figures
    print(*(f.name for f in r.glob("nvidia_*.dist-info") if re.match("nvidia_(cudnn|cublas|cuda_runtime)", f.name)), file=sys.stderr)
print(":".join(sorted(found)))
FOLDERS
)
export LD_LIBRARY_PATH=${VAERANS_CUDA_LIBRARIES:-$folders}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
echo "LD_LIBRARY_PATH=$LD_LIBRARY_PATH"
library=$(echo "$ort"/libonnxruntime.so*)
# Reading hundreds of megabytes ahead of the loader, which would read them by pages.
(IFS=:; for f in $folders; do cat "$f"/libcud{art,nn}*.so* "$f"/libcublas*.so* 2>/dev/null; done >/dev/null) &
export CUDA_MODULE_LOADING=LAZY VAERANS_ORT_LIBRARY=$library VAERANS_MODEL_PATH=$models HOME=${HOME:-/root}
ldd "$ort"/libonnxruntime_providers_cuda.so | grep "not found" || true
PYTHONPATH=$here/../.. python3 "$here"/check.py "$ort"/probe "$out" "$@"
