#!/usr/bin/env bash
# Everything that `make` needs before it runs something: system packages, the virtual environment, the build.
#   setup.sh [run|develop]: `run` is what programs take that train on the device; `develop`, the default, also what the tests and
#   linters take. Each does what is still to be done, and says so.
set -euo pipefail
here=$(dirname "$0")
goal=${1:-develop}
case $goal in
  run | develop) ;;
  *) echo "setup.sh takes run or develop, not $goal" >&2 && exit 2 ;;
esac
"$here/system_packages.sh" "$goal"
"$here/python_env.sh" "$goal"
"$here/build.sh" "$goal"
