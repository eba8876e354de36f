# shellcheck shell=bash
# ./dev wheel: a wheel that works on other machines, and a look at it in a root that has Python and nothing else.

# Nothing of ONNX Runtime is in it: that is a requirement, which pip installs.
cmd_wheel() {
    ensure_build_tools
    pip_install wheel requirements/wheel.txt
    local built=$ROOT/build/wheel out=$ROOT/dist
    rm -rf "$built"
    mkdir -p "$built" "$out"
    say "wheel (compiles the library on its own: build/wheel)"
    # The pinned tools of .venv build it; with pip's isolation they would be whatever PyPI has today. The flags are those
    # of the presets, so that a compiler cache serves both.
    quietly "$VENV_PYTHON" -m pip wheel --no-build-isolation --no-deps -w "$built" \
        -C build-dir="$ROOT/build/wheel-tree" -C cmake.define.VAERANS_WERROR=ON "$ROOT" || die "the wheel could not be built"
    say "auditwheel: the libraries that it needs go into it"
    quietly env PATH="$VENV/bin:$PATH" "$VENV/bin/auditwheel" repair --strip -w "$out" "$built"/*.whl ||
        die "auditwheel could not repair it"
    say "look at it in an empty root"
    "$VENV_PYTHON" "$ROOT/tools/dev/try_wheel.py" "$(newest_wheel "$out")"
}

newest_wheel() {
    local wheels=("$1"/vaerans_ecs-*.whl) wheel newest
    newest=${wheels[0]}
    for wheel in "${wheels[@]}"; do
        if [[ $wheel -nt $newest ]]; then newest=$wheel; fi
    done
    printf '%s' "$newest"
}
