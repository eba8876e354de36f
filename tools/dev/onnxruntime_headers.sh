#!/usr/bin/env bash
# Puts the headers of ONNX Runtime's C and C++ API under DEST/usr/include/onnxruntime. `./dev setup` and
# cmake/OnnxRuntime.cmake both call this, so there is one way in which the headers come.
#
#   onnxruntime_headers.sh DEST
#
# The headers come from the distribution's package libonnxruntime-dev, unpacked, not installed: releases without that
# package get it from the next suites of the same archive. apt checks the archive's signature as for any package; a
# private source list (the machine's own mirror, another suite) and private index folders keep the system's untouched.
# Only headers are taken: the library itself is loaded at run time (see docs/architecture.md).
set -euo pipefail

dest=${1:?usage: onnxruntime_headers.sh DEST}
header=usr/include/onnxruntime/onnxruntime_cxx_api.h
[[ -f $dest/$header ]] && exit 0

fail() {
    printf '%s\n' "onnxruntime headers: $*" \
        "  install them another way and pass -DONNXRUNTIME_INCLUDE_DIR=<folder of onnxruntime_cxx_api.h>" >&2
    exit 1
}

command -v apt-get >/dev/null ||
    fail "this system has no apt: install ONNX Runtime >= 1.17 with its C++ headers (for example brew install onnxruntime)"

# shellcheck source=/dev/null
. /etc/os-release
case ${ID:-} in
    debian) suites=(trixie sid) keyring=/usr/share/keyrings/debian-archive-keyring.gpg components=main ;;
    ubuntu) suites=("${VERSION_CODENAME}" devel) keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg components='main universe' ;;
    *) fail "no known package for '${ID:-unknown}'" ;;
esac

# shellcheck disable=SC2016  # $(RELEASE) is apt's
mirror=$(apt-get indextargets 'Created-By: Packages' --format '$(RELEASE) $(REPO_URI)' |
    awk '$1 !~ /security|updates|backports/ && !found { print $2; found = 1 }')
[[ -n $mirror ]] || fail "apt has no package source configured"

# Unpacked beside DEST and moved there at the end: a run that is cut short leaves nothing that looks finished.
mkdir -p "$(dirname "$dest")"
work=$(mktemp -d "$dest.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,archives/partial,root}

signed=''
[[ -f $keyring ]] && signed="[signed-by=$keyring]"
private=(
    -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o "Dir::Cache::Archives=$work/archives"
    -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=3
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false
)

for suite in "${suites[@]}"; do
    echo "onnxruntime headers: taking libonnxruntime-dev from suite '$suite'"
    echo "deb $signed $mirror $suite $components" >"$work/sources.list"
    if (cd "$work" && apt-get -qq "${private[@]}" update && apt-get -qq "${private[@]}" download libonnxruntime-dev) \
        >"$work/log" 2>&1 && deb=$(compgen -G "$work/libonnxruntime-dev_*.deb"); then
        dpkg -x "$deb" "$work/root"
        [[ -f $work/root/$header ]] || fail "$(basename "$deb") holds no $header"
        rm -rf "$dest"
        mv "$work/root" "$dest"
        echo "onnxruntime headers: $(basename "$deb") unpacked"
        exit 0
    fi
    sed 's/^/    /' "$work/log" >&2
done
fail "no suite of (${suites[*]}) gave libonnxruntime-dev"
