#!/usr/bin/env bash
# Builds both wheels into dist/. The engine's wheel gets oneDNN and OpenMP beside its library, so that it runs where they are not installed.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
export PATH=$venv/bin:$PATH
cd "$root"
rm -rf dist && mkdir -p dist
CMAKE_ARGS="-DCMAKE_PREFIX_PATH=$venv ${LINESHAFT_CMAKE_ARGS:-}" "$python" -m pip --no-input -q wheel --no-build-isolation --no-deps -w dist . ./frontends/torch \
  </dev/null 2> >(grep -v '^WARNING: Location' >&2)
"$python" scripts/bundle.py dist/lineshaft-*.whl
say "in dist/:"
ls -lh dist
