#!/usr/bin/env bash
# tidy.sh [FILE...]: clang-tidy over the given sources, else over all of src.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
cd "$root"
command -v clang-tidy-14 >/dev/null || die "clang-tidy-14 is not installed: apt-get install clang-tidy-14"
if [ $# = 0 ]; then mapfile -t files < <(git ls-files 'src/**.cc' | grep -v _test.cc); else files=("$@"); fi
printf '%s\0' "${files[@]}" | xargs -0 -P "$jobs" -n 1 clang-tidy-14 -p "$build" --quiet 2> >(grep -v 'warnings generated' >&2)
