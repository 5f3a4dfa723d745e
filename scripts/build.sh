#!/usr/bin/env bash
# Configures and builds the engine, for the goal `develop` with its tests, then installs both Python distributions into the virtual
# environment.
#   build.sh [run|develop]
# Quick when nothing changed. LINESHAFT_CMAKE_ARGS is passed to CMake.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
export PATH=$venv/bin:$PATH
command -v "${CXX:-c++}" >/dev/null || die "there is no C++ compiler; on Debian and Ubuntu: apt-get install g++"

goal=${1:-develop}

cmake_arguments "$goal"
mkdir -p "$build"
configured=$build/.configured
key="${arguments[*]} $(digest CMakeLists.txt cmake CMakePresets.json)"
if [ "$(cat "$configured" 2>/dev/null)" != "$key" ] || [ ! -f "$build/build.ninja" ]; then
  say "configuring the engine in ${build#"$root"/}"
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "${arguments[@]}" >"$build.log" 2>&1 ||
    { cat "$build.log" >&2; die "CMake found something missing; see above"; }
  printf '%s' "$key" >"$configured"
fi
inputs=(CMakeLists.txt cmake include src)
what="the engine"
if [ "$tests" = ON ]; then
  inputs+=(tests examples)
  what="the engine and its tests"
fi
key="$tests $(digest "${inputs[@]}")"
if [ "$(cat "$build/.built" 2>/dev/null)" != "$key" ]; then
  # A first build does all steps.
  compiled=$([ -e "$build/.ninja_log" ] || grep -c '^build .*: CXX_COMPILER' "$build/build.ninja" || true)
  COMPILED=$compiled with_progress "building $what with $jobs processes" "$build.log" ninja -C "$build" -j "$jobs" || die "the engine did not build; see above"
  printf '%s' "$key" >"$build/.built"
fi

# install FOLDER PACKAGE BUILD INPUT...: one distribution, built in the folder BUILD, into the virtual environment, if its inputs changed.
install() {
  local folder=$1 package=$2 in=$3
  shift 3
  local stamp=$venv/.lineshaft-$package
  local key
  # Not what is built beside it: an installed package does not depend on the tests.
  key="${package_arguments[*]} $(digest "$@")"
  [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && "$python" -c "import importlib.metadata as m; m.version('$package')" 2>/dev/null && return
  CMAKE_BUILD_PARALLEL_LEVEL=$jobs CMAKE_ARGS="${arguments[*]}" with_progress "building and installing the Python distribution $package" "$root/build/$package.log" \
    "$python" -m pip --no-input -v install --no-build-isolation --no-deps --force-reinstall --config-settings=build-dir="$in" "$folder" ||
    die "$package did not build; see above"
  printf '%s' "$key" >"$stamp"
}
engine=(CMakeLists.txt pyproject.toml README.md cmake include src python)
# In the folder of the build above, with its arguments, so that nothing is compiled again.
install "$root" lineshaft "$build" "${engine[@]}"
# All that the fingerprint of the engine's headers is made of (include/lineshaft/fingerprint.cmake) counts for the extension.
install "$root/frontends/torch" lineshaft-torch "$root/build/torch-{wheel_tag}" frontends/torch include
