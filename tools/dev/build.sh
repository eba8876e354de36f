# shellcheck shell=bash
# ./dev build and what starts from a finished build: demo, bench, fuzz.

# Configures when the preset has no build tree yet (later changes of CMake files are noticed by ninja itself).
configure() {
    [[ -f $ROOT/build/$1/build.ninja ]] && return
    say "configure $1"
    quietly cmake --preset "$@" || die "configuration failed"
}

# Two builds of one tree at once would spoil it: the second waits.
# build_preset <preset> [targets]: all of it, or what the targets need.
build_preset() {
    local preset=$1 targets=()
    shift
    if [[ $# -gt 0 ]]; then targets=(--target "$@"); fi
    configure "$preset"
    say "build $preset $*"
    flock "$ROOT/build/$preset" cmake --build --preset "$preset" -j "$JOBS" "${targets[@]}"
}

cmd_build() {
    local preset=${1:-release}
    ensure_build_tools
    build_preset "$preset"
    if [[ $preset == release ]]; then "$VENV_PYTHON" "$ROOT/tools/dev/install_python.py" "$ROOT/build/release"; fi
    if [[ -x $ROOT/build/$preset/bin/vaerans ]]; then say "CLI: build/$preset/bin/vaerans"; fi
}

# The command line and the Python package are what the demo runs; tests, examples and benchmarks wait for ./dev test.
cmd_demo() {
    ensure_build_tools
    build_preset release vaerans_cli _vaerans_stub
    "$VENV_PYTHON" "$ROOT/tools/dev/install_python.py" "$ROOT/build/release"
    "$VENV_PYTHON" "$ROOT/tools/demo/demo.py" "$@"
}

# Ours and other libraries side by side (bench/run.py).
cmd_bench() {
    ensure_build_tools
    ensure_bench_tools
    # CMake looks for htscodecs once: again if it was not there then.
    if grep -qs '^HTSCODECS_LIBRARY:.*NOTFOUND' "$ROOT/build/release/CMakeCache.txt"; then
        quietly cmake "$ROOT/build/release"
    fi
    cmd_build release
    "$VENV_PYTHON" "$ROOT/bench/run.py" "$@"
}

# A clang that can read libstdc++'s C++20 headers (16 or newer): one that is there, or the newest that apt has.
ensure_clang() {
    local version versions='21 20 19 18 17 16'
    for version in $versions; do
        if command -v "clang++-$version" >/dev/null; then break; fi
        version=''
    done
    for version in $version $versions; do
        if apt-cache show "clang-$version" >/dev/null 2>&1; then
            apt_install "clang-$version|libFuzzer"$'\n'"libclang-rt-$version-dev|libFuzzer's run-time library"
            break
        fi
    done
    CLANG=clang++-$version
    command -v "$CLANG" >/dev/null || CLANG=clang++
    command -v "$CLANG" >/dev/null || die "fuzzing needs clang >= 16"
}

cmd_fuzz() {
    local target=${1:-} seconds=${2:-60} program name found=
    ensure_build_tools
    ensure_clang
    configure fuzz -DCMAKE_CXX_COMPILER="$CLANG"
    build_preset fuzz
    for program in "$ROOT"/build/fuzz/bin/fuzz_*; do
        name=$(basename "$program") name=${name#fuzz_}
        [[ -x $program && (-z $target || $target == "$name") ]] || continue
        found=1
        fuzz_one "$program" "$name" "$seconds"
    done
    [[ $found ]] || die "there is no such fuzz target: ${target:-any} (fuzz/*_fuzzer.cpp)"
}

# New inputs stay in build/fuzz/; a crash is written to fuzz/crashes/<target>, where the tests replay it.
fuzz_one() {
    local program=$1 name=$2 seconds=$3
    local seeds=$ROOT/fuzz/corpus/$name crashes=$ROOT/fuzz/crashes/$name
    local corpora=("$ROOT/build/fuzz/corpus/$name") words=()
    mkdir -p "${corpora[0]}" "$crashes"
    if [[ -d $seeds ]]; then corpora+=("$seeds"); fi
    if [[ -f $ROOT/fuzz/$name.dict ]]; then words=(-dict="$ROOT/fuzz/$name.dict"); fi
    say "fuzz $name for $seconds s"
    "$program" -max_total_time="$seconds" -artifact_prefix="$crashes/" -print_final_stats=1 -rss_limit_mb=4096 \
        "${words[@]}" "${corpora[@]}"
    rmdir --ignore-fail-on-non-empty -p "$crashes"
}
