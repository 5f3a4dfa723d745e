#!/usr/bin/env bash
# Makes the virtual environment (.venv, or $LINESHAFT_VENV) with PyTorch's CPU build and what scripts/requirements.txt lists; for the goal
# `develop` also what requirements-develop.txt does.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
torch_version=2.13.0
interpreter=${PYTHON:-python3}
command -v "$interpreter" >/dev/null || die "$interpreter is not there; install Python 3.10 or newer, or set PYTHON to one"

system_has() { [ -e "/usr/include/$1" ] || [ -e "/usr/local/include/$1" ]; }
extra=()
# Without Debian's libdnnl-dev: the same interface from PyPI, built with GNU OpenMP as ours is.
system_has oneapi/dnnl/dnnl.hpp || extra+=("onednn-devel-cpu-gomp==2022.2.1")
# The same for Eigen's headers and libeigen3-dev.
system_has eigen3/Eigen/Core || extra+=("cmeel-eigen==3.4.1")

# A stamp a goal; who has what developing takes has what running takes.
goal=${1:-develop}
requirements=(-r "$root/scripts/requirements.txt")
key=$(cat "$root/scripts/requirements.txt" "$0" | sha256sum | cut -d' ' -f1)\ "${extra[*]:-}"
stamp=$venv/.lineshaft-setup
develop_key=$(cat "$root/scripts/requirements-develop.txt" | sha256sum | cut -d' ' -f1)
develop_stamp=$venv/.lineshaft-setup-develop
is_done() { [ -x "$python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && { [ "$goal" = run ] || [ "$(cat "$develop_stamp" 2>/dev/null)" = "$develop_key" ]; }; }
is_done && exit 0
[ "$goal" = run ] || requirements+=(-r "$root/scripts/requirements-develop.txt")

if [ ! -x "$python" ] || ! "$python" -m pip --version >/dev/null 2>&1; then
  "$interpreter" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    die "$("$interpreter" --version) is too old; Lineshaft takes Python 3.10 or newer. Set PYTHON to one"
  say "making the virtual environment $venv"
  "$interpreter" -m venv "$venv" || die "the venv module failed; on Debian and Ubuntu: apt-get install python3-venv"
fi

pip() { "$python" -m pip --no-input -q "$@" </dev/null 2> >(grep -v "^WARNING: Location" >&2); }
# The +cpu build only: PyPI's plain torch brings several gigabytes of CUDA packages.
if ! "$python" -c "import importlib.metadata as m, sys; sys.exit(m.version('torch').split('+')[0] != '$torch_version')" 2>/dev/null; then
  say "installing PyTorch $torch_version, CPU build (about 200 MB to download), which takes about a minute"
  pip install "torch==$torch_version+cpu" 2>/dev/null ||
    retry pip install --extra-index-url https://download.pytorch.org/whl/cpu "torch==$torch_version+cpu" ||
    die "PyTorch $torch_version+cpu is not to be had for $("$python" --version); set PYTHON to a Python that it has wheels for"
fi
say "installing tools from PyPI: $(sed '/^#/d; /^-r/d' $(printf '%s\n' "${requirements[@]}" | grep -v '^-r$') | paste -sd' ')${extra[*]:+ ${extra[*]}}"
retry pip install "${requirements[@]}" "${extra[@]}" || die "pip could not install them; see above"
printf '%s' "$key" >"$stamp"
[ "$goal" = run ] || printf '%s' "$develop_key" >"$develop_stamp"
