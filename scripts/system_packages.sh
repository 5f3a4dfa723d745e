#!/usr/bin/env bash
# Installs the system packages that the build and, for the goal `develop`, the tests and linters use: as root or with sudo that asks nothing.
# Without either it lists what is missing with the command that installs it, and goes on where PyPI has enough to build with.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

goal=${1:-develop}
build_packages=(g++ make git ccache libdnnl-dev libeigen3-dev libgomp1 zlib1g-dev libseccomp-dev libssl-dev libyaml-cpp-dev libtomlplusplus-dev nlohmann-json3-dev)
vulkan_packages=(libvulkan-dev libvulkan1 mesa-vulkan-drivers spirv-headers)
example_packages=(dataset-fashion-mnist)
test_packages=(vulkan-validationlayers spirv-tools libgtest-dev podman runc qemu-user clang-14 libclang-rt-14-dev libomp-14-dev)
lint_packages=(clang-format-14 clang-tidy-14)
wanted=("${build_packages[@]}" "${vulkan_packages[@]}" "${example_packages[@]}")
[ "$goal" = run ] || wanted+=("${test_packages[@]}" "${lint_packages[@]}")
# The venv module is a package of its own only for the distribution's Python, which is also what comes where there is none.
PYTHON=${PYTHON:-}
interpreter=$(command -v "${PYTHON:-python3}" || true)
[[ -z "$interpreter$PYTHON" || "$(readlink -f "$interpreter")" == /usr/bin/* ]] && wanted+=(python3 python3-venv python3-dev)

# go_on [WARNING]: ends, well or with one line that says what neither is there nor comes from PyPI.
go_on() {
  local interpreter=${PYTHON:-python3} needs=()
  command -v "${CXX:-c++}" >/dev/null || needs+=("a C++ compiler (g++)")
  command -v "$interpreter" >/dev/null || die "$interpreter is not there; install Python 3.10 or newer, or set PYTHON to one"
  "$interpreter" -c 'import ensurepip, venv' 2>/dev/null || needs+=("Python's venv module (python3-venv)")
  "$interpreter" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' ||
    needs+=("Python's headers (python3-dev)")
  if [ ${#needs[@]} -gt 0 ]; then
    die "nothing can be built without $(printf '%s and ' "${needs[@]}" | sed 's/ and $//'), which PyPI does not have: have them installed, or set CXX or PYTHON to ones that are elsewhere"
  fi
  [ $# = 0 ] || warn "$*"
  exit 0
}

command -v apt-get >/dev/null || {
  go_on "this is not Debian or Ubuntu; the build needs the equivalents of: ${wanted[*]}"
}
missing=()
status=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null || true)
for package in "${wanted[@]}"; do
  grep -qx "$package installed" <<<"$status" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
# What the distribution does not have is left out, once its lists are there: who needs it says so.
known() { apt-cache show "$1" >/dev/null 2>&1; }
drop_unknown() {
  local all=("${missing[@]}") package
  known make || return 0
  missing=()
  for package in "${all[@]}"; do
    if known "$package"; then missing+=("$package"); fi
  done
}
drop_unknown
[ ${#missing[@]} -gt 0 ] || go_on

if [ "$(id -u)" = 0 ]; then
  as_root=()
elif sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  warn "these system packages are missing and only root may install them:"
  printf '    sudo apt-get install -y %s\n' "${missing[*]}" >&2
  go_on "going on with what PyPI has in place of some of them"
fi

say "installing ${#missing[@]} system packages, which takes a minute or two: ${missing[*]}"
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -qq "$@" </dev/null; }
retry apt update || warn "apt-get update failed; trying with the lists that there are"
drop_unknown
if ! retry apt install -y --no-install-recommends "${missing[@]}" >/dev/null; then
  warn "not all of them installed in one go; trying one by one"
  for package in "${missing[@]}"; do
    apt install -y --no-install-recommends "$package" >/dev/null || warn "$package is not to be had here"
  done
fi
go_on
