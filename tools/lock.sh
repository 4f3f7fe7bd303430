#!/bin/sh
# Choose the newest versions that fit pyproject.toml and write them, with their hashes, to requirements/*.lock.
# The runner is solved first; lab, dev and scale build on it, so that a package has one version everywhere.
# The versions of the direct packages are copied to environment.yml.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}

solve() {
    name=$1
    shift
    "$uv" pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --annotation-style line \
        --no-header --output-file "requirements/$name.lock" "$@"
    echo "requirements/$name.lock: $(grep -c == "requirements/$name.lock") packages"
}

echo uv | solve bootstrap -
solve runner pyproject.toml --group build
solve lab pyproject.toml --group build --extra lab --constraint requirements/runner.lock
solve dev pyproject.toml --group build --extra dev --constraint requirements/runner.lock
solve scale pyproject.toml --group build --extra dev --extra scale --constraint requirements/dev.lock

cat requirements/runner.lock requirements/lab.lock requirements/dev.lock requirements/scale.lock | grep -oE '^[a-z0-9.-]+==[^ ]+' | sort -u |
    while IFS='=' read -r name _ version; do
        sed -E "s/^( +- $name==?)[^=].*/\1$version/" environment.yml >environment.yml.new
        mv environment.yml.new environment.yml
    done
