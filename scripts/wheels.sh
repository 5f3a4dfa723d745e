#!/usr/bin/env bash
# Builds both wheels into dist/. The engine's wheel gets oneDNN and OpenMP beside its library, so that it runs where they are not installed.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
export PATH=$venv/bin:$PATH
cd "$root"
rm -rf dist && mkdir -p dist
cmake_arguments run
# wheel FOLDER BUILD: in the folder that `make setup` has built in, so that nothing is compiled again.
wheel() {
  CMAKE_ARGS="${arguments[*]}" "$python" -m pip --no-input -q wheel --no-build-isolation --no-deps -w dist --config-settings=build-dir="$2" "$1" \
    </dev/null 2> >(grep -v '^WARNING: Location' >&2)
}
wheel . "$build"
wheel ./frontends/torch "$root/build/torch-{wheel_tag}"
"$python" scripts/bundle.py dist/lineshaft-*.whl
say "in dist/:"
ls -lh dist
