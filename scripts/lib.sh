# Shared by the scripts in this folder: where things are, how they speak, retrying. Source it.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${LINESHAFT_VENV:-$root/.venv}
python=$venv/bin/python
build=${LINESHAFT_BUILD:-$root/build/release}
jobs=${JOBS:-$(nproc)}

if [ -t 1 ]; then bold=$'\e[1m' red=$'\e[31m' yellow=$'\e[33m' plain=$'\e[0m'; else bold='' red='' yellow='' plain=''; fi
say() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }
warn() { printf '%swarning:%s %s\n' "$yellow" "$plain" "$*" >&2; }
die() {
  printf '%serror:%s %s\n' "$red" "$plain" "$*" >&2
  exit 1
}

# retry COMMAND...: downloads fail for a moment; three tries, then the last one's status.
retry() {
  local try status=0
  for try in 1 2 3; do
    "$@" && return 0
    status=$?
    [ "$try" = 3 ] || {
      warn "'$1 ${2:-}' failed with status $status; trying again in $((try * 5)) s"
      sleep $((try * 5))
    }
  done
  return "$status"
}

# digest PATH...: of names, sizes and times of what is under them; __pycache__ does not count.
digest() {
  (cd "$root" && find "$@" -name __pycache__ -prune -o -type f -printf '%p %s %T@\n' 2>/dev/null | LC_ALL=C sort | sha256sum | cut -d' ' -f1)
}

# with_progress WHAT LOG COMMAND...: runs a command that builds by Ninja, and says in one line what is done, how far it is and about how
# long it still takes. What the command says goes to LOG, and to the standard error if it fails. COMPILED, where it is set, is how many of
# its steps compile C++.
with_progress() {
  local - what=$1 log=$2 status=0
  set -o pipefail
  shift 2
  mkdir -p "$(dirname "$log")"
  NINJA_STATUS='[%f/%t] ' "$@" </dev/null 2>&1 | "$python" "$root/scripts/progress.py" "$what" "$log" ${COMPILED:-} || status=${PIPESTATUS[0]}
  [ "$status" = 0 ] || cat "$log" >&2
  return "$status"
}

# cmake_arguments GOAL: sets the array `arguments` to what the build folder is configured with, by what this machine has; `tests`, ON or OFF,
# to whether it has the tests; and `package_arguments` to those that matter to what is installed. Where the tests are built once they stay.
cmake_arguments() {
  header() { [ -e "/usr/include/$1" ] || [ -e "/usr/local/include/$1" ]; }
  # Sources are compiled in batches: a first build takes half the time. -DLINESHAFT_BATCH=0 in LINESHAFT_CMAKE_ARGS is for who edits.
  arguments=(-DCMAKE_PREFIX_PATH="$venv" -DLINESHAFT_CDI=ON -DLINESHAFT_BATCH=8)
  tests=OFF
  [ "$1" = run ] && ! grep -qs 'LINESHAFT_TESTS=ON' "$build/.configured" || tests=ON
  [ "$tests" = OFF ] || header gtest/gtest.h || {
    warn "GoogleTest is missing (libgtest-dev): the C++ tests are not built"
    tests=OFF
  }
  header vulkan/vulkan.h && header spirv/unified1/spirv.hpp || {
    warn "the headers of Vulkan or SPIR-V are missing (libvulkan-dev, spirv-headers): built without the Vulkan backend"
    arguments+=(-DLINESHAFT_VULKAN=OFF)
  }
  if ! { header seccomp.h && header openssl/ssl.h && header toml++/toml.h && header nlohmann/json.hpp; }; then
    warn "libseccomp, OpenSSL, toml++ or nlohmann's JSON is missing (libseccomp-dev, libssl-dev, libtomlplusplus-dev, nlohmann-json3-dev): built without \`lineshaft serve\`"
    arguments+=(-DLINESHAFT_SERVER=OFF)
  fi
  header yaml-cpp/yaml.h || {
    warn "yaml-cpp is missing (libyaml-cpp-dev): built without \`lineshaft cdi\`"
    arguments+=(-DLINESHAFT_CDI=OFF)
  }
  local more
  read -ra more <<<"${LINESHAFT_CMAKE_ARGS:-}"
  arguments+=("${more[@]}")
  package_arguments=("${arguments[@]}")
  arguments+=(-DLINESHAFT_TESTS=$tests -DLINESHAFT_EXAMPLES=$tests)
}

# One cache for every checkout of this repository; the sloppiness is what precompiled headers take.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-5G}
export PIP_DISABLE_PIP_VERSION_CHECK=1
