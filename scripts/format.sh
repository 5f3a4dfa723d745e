#!/usr/bin/env bash
# Formats C++ and Python in place.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
cd "$root"
command -v clang-format-14 >/dev/null || die "clang-format-14 is not installed: apt-get install clang-format-14"
git ls-files -z '*.cc' '*.h' | xargs -0 -r -n 32 clang-format-14 -i
"$python" -m ruff check -q --fix . || true
"$python" -m ruff format -q .
