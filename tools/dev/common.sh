# shellcheck shell=bash
# Shared by the parts of ./dev.
# shellcheck disable=SC2034  # used by the other parts

VENV=$ROOT/.venv
VENV_PYTHON=$VENV/bin/python
JOBS=${JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
[[ -t 1 ]] || say() { printf '== %s\n' "$*"; }

die() {
    printf 'dev: %s\n' "$*" >&2
    exit 1
}

# Runs a command; what it prints is shown only if it fails.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 </dev/null || status=$?
    [[ $status -eq 0 ]] || cat "$log" >&2
    rm -f "$log"
    return "$status"
}

# A hash of the given files and words: the stamp of a step that need not be done twice.
stamp_of() {
    local item
    for item in "$@"; do
        if [[ -f $item ]]; then cat "$item"; else printf '%s\n' "$item"; fi
    done | sha256sum | cut -d' ' -f1
}

stamped() { [[ -f $VENV/.stamp-$1 && $(<"$VENV/.stamp-$1") == "$2" ]]; }
stamp() { printf '%s' "$2" >"$VENV/.stamp-$1"; }
