#!/bin/sh
# Make the Python environment of this checkout, once, from the hash-pinned locks: set_up.sh runner|dev|scale|lab
#
# runner, dev and scale live in .venv (dev holds the runner, scale holds dev), JupyterLab in .venv-lab, because its
# presence slows every start of the runner. When nothing changed since the last time this ends at once. An environment
# is marked finished last, so one that was interrupted is made anew. Exit code 4: something is missing on this machine.
set -eu
cd "$(dirname "$0")/.."
what=${1:?runner, dev, scale or lab}
case $what in lab) env=.venv-lab more= ;; runner) env=.venv more="dev scale" ;; *) env=.venv more=scale ;; esac

missing() {
    echo "set-up: $1 is missing on this machine." >&2
    echo "  what to do: $2" >&2
    exit 4
}

# Make and sh exist on Windows too; what they would start does not.
case $(uname) in MINGW* | MSYS* | CYGWIN*)
    missing "Linux or macOS" "wsl --install -d Debian, then the same command in a checkout inside WSL" ;;
esac
case $(uname) in Darwin) install="brew install python" ;; *) install="apt-get install python3 python3-venv" ;; esac

# Everything the environment depends on: the locks, this file, the place, the Python it was made with. macOS has shasum.
fingerprint() {
    { pwd -P; readlink -f "$env/bin/python"; cat tools/set_up.sh pyproject.toml requirements/bootstrap.lock \
        "requirements/$1.lock"; } | if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi
}

finished() {
    [ -x "$env/bin/python" ] || return 1
    for made in "$what" $more; do
        stamp=$env/.finished-$made
        if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint "$made")" ]; then return 0; fi
    done
    return 1
}

finished && exit 0

command -v python3 >/dev/null || missing python3 "$install"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    missing "Python 3.11 or newer (python3 is $(python3 -V 2>&1 | cut -d" " -f2))" \
        "put a newer python3 first on the PATH; Debian 12 has 3.11: $install"
python3 -c 'import ensurepip, venv' 2>/dev/null || missing "Python's venv module" "$install"

# One set-up at a time; a second one waits and then finds the work done.
if command -v flock >/dev/null; then
    exec 9<tools/set_up.sh
    flock 9
    finished && exit 0
fi

if [ -e "$env" ] && [ ! -e "$env/.made-by-set-up" ]; then
    missing "the name $env, taken by something this set-up did not make," "move $env away and run the command again"
fi
trap 'exit 130' INT TERM
trap '[ $? -eq 0 ] || echo "set-up: not finished; run the same command again." >&2' EXIT
echo "set-up: Python environment $env ($what), once, about half a minute ..." >&2

# Only an environment that was finished is changed; anything else is made anew.
if ! [ -x "$env/bin/uv" ] || ! ls "$env"/.finished-* >/dev/null 2>&1; then
    rm -rf "$env"
    mkdir "$env"
    : >"$env/.made-by-set-up"
    python3 -m venv "$env"
    "$env/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
fi

# uv does not read pip's settings: hand on the package index of a machine that has its own.
if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    index=$("$env/bin/python" -m pip config get global.index-url 2>/dev/null || true)
    if [ -n "${PIP_INDEX_URL:-$index}" ]; then export UV_DEFAULT_INDEX="${PIP_INDEX_URL:-$index}"; fi
fi
rm -f "$env"/.finished-*
export VIRTUAL_ENV="$PWD/$env" UV_LINK_MODE="${UV_LINK_MODE:-copy}"
"$env/bin/uv" pip sync --quiet --require-hashes --compile-bytecode requirements/bootstrap.lock "requirements/$what.lock"
"$env/bin/uv" pip install --quiet --no-deps --no-build-isolation --editable .
fingerprint "$what" >"$env/.finished-$what"
