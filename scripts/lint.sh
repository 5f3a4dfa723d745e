#!/usr/bin/env bash
# Formatting of C++ and Python, the import arrows, file lengths, what public headers export. Prints what is wrong and how to mend it.
set -uo pipefail
source "$(dirname "$0")/lib.sh"
cd "$root" || exit 1
failed=0
formatter=$(command -v clang-format-14 || true)
if [ -n "$formatter" ]; then
  git ls-files -z '*.cc' '*.h' | xargs -0 -r -P "$jobs" -n 16 "$formatter" --dry-run -Werror || {
    echo "mend it with: make format"
    failed=1
  }
else
  warn "clang-format-14 is not installed: the formatting of C++ is not checked"
fi
"$python" -m ruff check -q . || failed=1
"$python" -m ruff format -q --check . || {
  echo "mend it with: make format"
  failed=1
}
"$python" scripts/check_imports.py || failed=1
"$python" scripts/check_files.py || failed=1
"$python" scripts/check_exports.py || failed=1
[ "$failed" = 0 ] && say "lint: nothing to mend"
exit "$failed"
