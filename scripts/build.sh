#!/usr/bin/env bash
# Configures and builds the engine with its tests, then installs both Python distributions into the virtual environment.
# Quick when nothing changed. LINESHAFT_CMAKE_ARGS is passed to CMake.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
export PATH=$venv/bin:$PATH
command -v "${CXX:-c++}" >/dev/null || die "there is no C++ compiler; on Debian and Ubuntu: apt-get install g++"

cmake_arguments
mkdir -p "$build"
configured=$build/.configured
key="${arguments[*]} $(digest CMakeLists.txt cmake CMakePresets.json)"
if [ "$(cat "$configured" 2>/dev/null)" != "$key" ] || [ ! -f "$build/build.ninja" ]; then
  say "configuring the engine in ${build#"$root"/}"
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "${arguments[@]}" >"$build.log" 2>&1 ||
    { cat "$build.log" >&2; die "CMake found something missing; see above"; }
  printf '%s' "$key" >"$configured"
fi
key=$(digest CMakeLists.txt cmake include src tests examples)
if [ "$(cat "$build/.built" 2>/dev/null)" != "$key" ]; then
  say "building the engine with $jobs processes"
  if [ -t 1 ]; then ninja -C "$build" -j "$jobs"; else NINJA_STATUS='[%f/%t %es] ' ninja -C "$build" -j "$jobs"; fi
  printf '%s' "$key" >"$build/.built"
fi

# install FOLDER PACKAGE BUILD INPUT...: one distribution, built in the folder BUILD, into the virtual environment, if its inputs changed.
install() {
  local folder=$1 package=$2 in=$3
  shift 3
  local stamp=$venv/.lineshaft-$package
  local key
  key="${arguments[*]} $(digest "$@")"
  [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && "$python" -c "import importlib.metadata as m; m.version('$package')" 2>/dev/null && return
  say "building and installing the Python distribution $package"
  CMAKE_BUILD_PARALLEL_LEVEL=$jobs CMAKE_ARGS="${arguments[*]}" "$python" -m pip --no-input -q install --no-build-isolation --no-deps --force-reinstall --config-settings=build-dir="$in" "$folder" \
    </dev/null 2> >(grep -v '^WARNING: Location' >&2) || die "$package did not build; see above"
  printf '%s' "$key" >"$stamp"
}
engine=(CMakeLists.txt pyproject.toml README.md cmake include src python)
# In the folder of the build above, with its arguments, so that nothing is compiled again.
install "$root" lineshaft "$build" "${engine[@]}"
install "$root/frontends/torch" lineshaft-torch "$root/build/torch-{wheel_tag}" frontends/torch include src/*/*.h
