#!/usr/bin/env bash
# A folder of some 23 MB that check.sh runs from on a machine with a GPU, CUDA, cuDNN and Python, and no network.
#
#     bash tools/cuda/pack.sh onnxruntime_gpu-….whl FOLDER
#
# Wants a build (./dev build) and takes a minute or two. FOLDER and the repository's tracked files are what must travel.
# The wheel must be made for the CUDA of that machine; libraries of this one's build go along.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
wheel=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
probe=build/release/bin/vaerans_cuda_probe
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unzip -q -j "$wheel" 'onnxruntime/capi/libonnxruntime.so*' 'onnxruntime/capi/libonnxruntime_providers_[cs]*.so' -d "$work"
python3 tools/cuda/slim_provider.py "$work"/libonnxruntime_providers_cuda.so "$work"/slim.so
# Parts, so that several processors unpack them.
split -n 6 -d "$work"/slim.so "$work"/libonnxruntime_providers_cuda.so.
(cd "$work" && printf '%s\n' libonnxruntime.so.* libonnxruntime_providers_cuda.so.?? | xargs -P 2 -n 1 xz -6)
mv "$work"/*.xz "$folder"

mkdir -p "$work"/program/lib
strip -o "$work"/program/probe "$probe"
cp "$work"/libonnxruntime_providers_shared.so "$work"/program
ldd "$probe" | awk '$1 ~ /^lib(hwy|tbb|crypto|z)\./ { print $3 }' | xargs -I{} cp -L {} "$work"/program/lib
tar -C "$work"/program -cf - . | xz -6 > "$folder"/program.tar.xz
du -sh "$folder"
