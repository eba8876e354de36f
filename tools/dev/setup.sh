# shellcheck shell=bash
# ./dev setup: everything that a build needs, installed when missing. Needs nothing but bash and coreutils to start.

# package|why, for Debian and Ubuntu.
BASE_PACKAGES='
g++|the compiler
cmake|the build system
ninja-build|the build tool of the presets
pkg-config|finds libvips
libvips-dev|reads and writes image files (CLI)
libhwy-dev|SIMD with run-time dispatch
libtbb-dev|threads
libssl-dev|SHA-256 of models and pictures
libdeflate-dev|checksums and metadata of the file format
zlib1g-dev|what tests compare these with
nlohmann-json3-dev|model cards, traces
libcli11-dev|command line parsing
libgtest-dev|C++ tests
file|tests of the MIME rules
shared-mime-info|likewise
libbenchmark-dev|benchmarks
'

# apt_install <list of package|why>: installs those that are missing and says why.
apt_install() {
    command -v dpkg-query >/dev/null || return 0 # another system: CMake names what it cannot find
    local installed missing=() package why
    installed=$'\n'$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' 2>/dev/null)$'\n'
    while IFS='|' read -r package why; do
        [[ -n $package && $installed != *$'\n'"$package installed"$'\n'* ]] || continue
        [[ ${#missing[@]} -gt 0 ]] || say "system packages"
        printf '   %-22s %s\n' "$package" "$why"
        missing+=("$package")
    done <<<"$1"
    [[ ${#missing[@]} -eq 0 ]] || apt_get_install "${missing[@]}"
}

apt_get_install() {
    local as_root=()
    if [[ $EUID -ne 0 ]]; then
        command -v sudo >/dev/null || die "not root, and no sudo. Ask for: apt-get install $*"
        as_root=(sudo)
        if [[ ! -t 0 ]]; then as_root+=(-n); fi
    fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=900
        -o Acquire::Retries=3 -q -y)
    quietly "${apt[@]}" update || printf 'dev: apt-get update failed; going on with the package lists there are\n' >&2
    quietly "${apt[@]}" install --no-install-recommends "$@" ||
        die "could not install them. As root: apt-get install $*"
}

# The interpreter that .venv is made from, checked for what is often missing.
base_python() {
    local python=${PYTHON:-python3} headers
    command -v "$python" >/dev/null || apt_install 'python3|the Python package, tests and tools'
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "$("$python" --version) is too old for the pinned packages: set PYTHON to a Python >= 3.11"
    "$python" -c 'import ensurepip, venv' 2>/dev/null || apt_install 'python3-venv|makes .venv'
    headers=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
    [[ -f $headers/Python.h ]] || apt_install 'python3-dev|headers for the Python module'
    [[ -f $headers/Python.h ]] || die "$python has no headers ($headers/Python.h)"
    BASE_PYTHON=$python
}

ensure_venv() {
    if [[ -x $VENV_PYTHON ]] && "$VENV_PYTHON" -c 'import pip' 2>/dev/null; then return; fi
    base_python
    say "virtual environment .venv ($("$BASE_PYTHON" --version))"
    "$BASE_PYTHON" -m venv --clear "$VENV" || die "could not make $VENV"
}

# pip_install <stamp name> <requirement files or pip options>: exact versions; constraints.txt pins what they pull in.
pip_install() {
    local name=$1 hash file arguments=()
    shift
    hash=$(stamp_of "$ROOT/requirements/constraints.txt" "$@")
    stamped "$name" "$hash" && return
    say "Python packages: $name"
    for file in "$@"; do
        if [[ $file == --* ]]; then
            arguments+=("$file")
            continue
        fi
        arguments+=(-r "$file")
        sed -n 's/^\([A-Za-z].*\)/   \1/p' "$file"
    done
    "$VENV_PYTHON" -m pip install -q -c "$ROOT/requirements/constraints.txt" "${arguments[@]}" </dev/null ||
        die "pip could not install them"
    stamp "$name" "$hash"
}

ensure_onnxruntime_headers() {
    local include
    for include in /usr/include/onnxruntime /usr/local/include/onnxruntime; do
        if [[ -f $include/onnxruntime_cxx_api.h ]]; then return; fi
    done
    "$ROOT/tools/dev/onnxruntime_headers.sh" "$ROOT/build/deps/onnxruntime"
}

ensure_build_tools() {
    apt_install "$BASE_PACKAGES"
    ensure_venv
    pip_install build requirements/build.txt requirements/runtime.txt
    ensure_onnxruntime_headers
}

ensure_test_tools() {
    # Playwright drives the system's Chromium; it never downloads a browser.
    apt_install 'chromium|opens the HTML report in a test'
    pip_install test requirements/test.txt requirements/peers.txt requirements/doors.txt
}

ensure_bench_tools() {
    apt_install 'libhtscodecs-dev|another rANS coder, to compare with'
    pip_install peers requirements/peers.txt
}

ensure_lint_tools() { pip_install lint requirements/lint.txt; }

cmd_setup() {
    local training=''
    [[ ${1:-} == --training ]] && training=1
    ensure_build_tools
    ensure_test_tools
    if [[ $training ]]; then pip_install training training/requirements.txt; fi
    say "ready: ./dev build"
}
