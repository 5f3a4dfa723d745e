#!/usr/bin/env bash
# The slow part of `make test-all`: the C++ suite under AddressSanitizer with UndefinedBehaviorSanitizer and, for what is
# threaded, under ThreadSanitizer; the long PyTorch runs; clang-tidy.
set -uo pipefail
source "$(dirname "$0")/lib.sh"
export PATH=$venv/bin:$PATH LINESHAFT_FALLBACK=error
failed=()
sanitized() {
  local name=$1 filter=$2
  say "C++ tests under $name"
  command -v clang++-14 >/dev/null || { warn "clang-14 compiles the sanitized suite: apt-get install clang-14 libclang-rt-14-dev libomp-14-dev"; return 1; }
  cmake --preset "$name" -S "$root" -DCMAKE_PREFIX_PATH="$venv" >"$root/build/$name.log" 2>&1 || { cat "$root/build/$name.log"; return 1; }
  ninja -C "$root/build/$name" -j "$jobs" --quiet lineshaft_tests &&
    "$root/scripts/test_cpp.sh" "$root/build/$name/bin/lineshaft_tests" "--gtest_filter=$filter"
}
# Lavapipe holds more locks at once than the search for deadlocks can follow.
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export LSAN_OPTIONS=suppressions=$root/scripts/lsan.supp TSAN_OPTIONS=suppressions=$root/scripts/tsan.supp:halt_on_error=1:detect_deadlocks=0
say "long C++ tests"
"$root/scripts/test_cpp.sh" "$build/bin/lineshaft_tests" "--gtest_filter=*Long:*Long/*" || failed+=("long C++ tests")
say "Vulkan beyond its ranges"
LINESHAFT_VULKAN_RANGE=1024 "$root/scripts/test_cpp.sh" "$build/bin/lineshaft_tests" '--gtest_filter=*/vulkan_*:*Vulkan*-*Long:*Long/*' || failed+=("Vulkan beyond its ranges")
sanitized address '-*Long:*Long/*' || failed+=("AddressSanitizer")
# The driver's locks are not seen, and confined workers have no tool that tells the sanitizer of OpenMP's joins, so both are left out.
sanitized thread '*Stream*:*Smoke*:*Thread*:*Registry*:*Fusion*:Graph*:Devices/*AGraph*:All/Transport*:-HostileGuest*:*vulkan*' || failed+=("ThreadSanitizer")
if [ -x "$build/bin/lineshaft_tests" ]; then
  say "conformance through a server, Vulkan"
  "$root/scripts/with_server.sh" vulkan "$root/scripts/test_cpp.sh" "$build/bin/lineshaft_tests" '--gtest_filter=*/remote_*' || failed+=("conformance through a server")
  say "models, graphs, threads and exits through a server"
  tests=$root/frontends/torch/tests
  LINESHAFT_VALIDATE=on LINESHAFT_DEVICES=remote "$root/scripts/with_server.sh" cpu "$python" -m pytest -q -p no:cacheprovider -m "not long" \
    "$tests/models" "$tests"/test_{graphs,threads,starts,exit}.py || failed+=("PyTorch tests through a server")
fi
if [ -d "$root/frontends/torch/tests" ]; then
  say "long PyTorch runs"
  LINESHAFT_DEVICES=cpu "$python" -m pytest -q -p no:cacheprovider -m long "$root/frontends/torch/tests"
  [ $? = 0 ] || [ $? = 5 ] || failed+=("long PyTorch runs")
  LINESHAFT_DEVICES=vulkan "$python" -m pytest -q -p no:cacheprovider -m long "$root/frontends/torch/tests/test_ranges.py" || failed+=("large tensors on Vulkan")
fi
say "long runs of virtual machines"
LINESHAFT_DEVICES=cpu "$python" -m pytest -q -rs -p no:cacheprovider -m long "$root/tests/guests" || failed+=("long runs of virtual machines")
command -v clang-tidy-14 >/dev/null && { "$root/scripts/tidy.sh" || failed+=("clang-tidy"); }
[ ${#failed[@]} = 0 ] || die "failed: $(IFS=,; echo "${failed[*]}")"
