#!/usr/bin/env bash
# Everything that `make` needs before it runs something: system packages, the virtual environment, the build.
set -euo pipefail
here=$(dirname "$0")
"$here/system_packages.sh"
"$here/python_env.sh"
"$here/build.sh"
