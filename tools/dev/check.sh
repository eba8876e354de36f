# shellcheck shell=bash
# ./dev test, lint, fmt, docs, clean.

cmd_test() {
    local long='' status=0
    [[ ${1:-} == --long ]] && long=1
    cmd_build release
    ensure_test_tools
    if [[ $long ]]; then ensure_long_test_tools; fi
    run_ctest release || status=1
    run_pytest "$long" || status=1
    if [[ $long ]]; then
        build_preset asan
        run_ctest asan || status=1
    fi
    [[ $status -eq 0 ]] || die "tests failed"
    say "all tests passed"
}

# For the tests marked long, a short training among them, and for those that need PyTorch, diffusers, Ray and Streaming.
ensure_long_test_tools() {
    apt_install 'qemu-user|emulates older processors'
    pip_install training training/requirements.txt
    pip_install export requirements/export.txt
    pip_install ray requirements/ray.txt
    pip_install mds --no-deps requirements/mds.txt
}

run_ctest() {
    say "ctest ($1)"
    ctest --preset "$1" -j "$JOBS"
}

run_pytest() {
    local folders=() folder marker=()
    for folder in tests/python tests/cli tests/spec; do
        if [[ -d $ROOT/$folder ]]; then folders+=("$folder"); fi
    done
    [[ ${#folders[@]} -gt 0 ]] || die "there are no Python tests (tests/python, tests/cli, tests/spec)"
    if [[ ${1:-} ]]; then marker=(-m 'long or not long'); fi
    say "pytest"
    VAERANS_CLI=$ROOT/build/release/bin/vaerans "$VENV_PYTHON" -m pytest "${marker[@]}" "${folders[@]}"
}

cpp_sources() { git ls-files -co --exclude-standard -- '*.cpp' '*.hpp'; }

cmd_generate() {
    ensure_build_tools
    configure release
    say "build the CLI"
    flock "$ROOT/build/release" cmake --build --preset release -j "$JOBS" --target vaerans_cli
    "$VENV_PYTHON" tools/generate/systems.py
}

cmd_fmt() {
    ensure_venv
    ensure_lint_tools
    cpp_sources | xargs -r "$VENV/bin/clang-format" -i
    "$VENV/bin/ruff" format -q .
    "$VENV/bin/ruff" check -q --fix . || true
}

# Everything is checked even when an early check fails, and each failure is named at the end.
# --all: clang-tidy over all sources (many minutes the first time, tools/lint/tidy.py); otherwise over those that differ
# from what is upstream.
cmd_lint() {
    local failed=()
    ensure_build_tools
    ensure_lint_tools
    apt_install 'shellcheck|checks ./dev and its parts'
    say "house"
    "$VENV_PYTHON" tools/lint/house.py || failed+=(house)
    say "clang-format"
    cpp_sources | xargs -r "$VENV/bin/clang-format" --dry-run -Werror || failed+=(clang-format)
    say "ruff"
    "$VENV/bin/ruff" format --check . || failed+=("ruff format")
    "$VENV/bin/ruff" check . || failed+=("ruff check")
    say "types"
    "$VENV_PYTHON" tools/lint/check_types.py || failed+=(types)
    say "shellcheck"
    shellcheck -x dev tools/dev/*.sh .ci/run || failed+=(shellcheck)
    say "clang-tidy"
    run_clang_tidy "${1:-}" || failed+=(clang-tidy)
    [[ ${#failed[@]} -eq 0 ]] || die "lint: $(IFS=,; echo "${failed[*]}")"
    say "lint passed"
}

run_clang_tidy() {
    local files base
    configure release
    quietly cmake build/release # so that the compile commands know the newest files
    if [[ ${1:-} == --all ]]; then
        files=$(cpp_sources)
    else
        base=$(git merge-base HEAD '@{upstream}' 2>/dev/null || echo HEAD)
        files=$({ git diff --name-only --diff-filter=d "$base" 2>/dev/null || true; git ls-files -o --exclude-standard; } | sort -u)
    fi
    files=$(grep -E '^(src|cli|python/bindings|bench|tests/unit|tests/integration)/.*\.cpp$' <<<"$files" || true)
    [[ -n $files ]] || { echo "nothing changed"; return 0; }
    xargs -r "$VENV_PYTHON" tools/lint/tidy.py --jobs "$JOBS" <<<"$files"
}

cmd_docs() {
    ensure_venv
    "$VENV_PYTHON" tools/lint/check_docs.py
}

cmd_clean() {
    rm -rf "$ROOT/build"
    if [[ ${1:-} == --all ]]; then rm -rf "$VENV"; fi
}
