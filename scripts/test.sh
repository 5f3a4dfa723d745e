#!/usr/bin/env bash
# The test suite: C++ unit and conformance tests, then PyTorch's device tests. Everything runs even if something fails.
# With the Vulkan loader's validation layers where they are installed; a message of theirs is a failure.
set -uo pipefail
source "$(dirname "$0")/lib.sh"
export LINESHAFT_FALLBACK=error
export LINESHAFT_CACHE=${LINESHAFT_CACHE:-$root/build/cache}
export MESA_SHADER_CACHE_DIR=${MESA_SHADER_CACHE_DIR:-$root/build/cache/mesa}
failed=()

if [ -x "$build/bin/lineshaft_tests" ]; then
  "$root/scripts/test_cpp.sh" "$build/bin/lineshaft_tests" || failed+=("C++ tests")
else
  warn "the C++ tests are not built (GoogleTest is missing) and do not run"
fi

if [ -d "$root/frontends/torch/tests" ]; then
  say "PyTorch device tests on the CPU backend"
  (cd "$root/frontends/torch" && LINESHAFT_DEVICES=cpu "$python" -m pytest -q -n "$(nproc)" -p no:cacheprovider tests) || failed+=("PyTorch tests, cpu")
  if LINESHAFT_DEVICES=vulkan "$venv/bin/lineshaft" devices >/dev/null 2>&1; then
    say "PyTorch device tests on Vulkan"
    (cd "$root/frontends/torch" && LINESHAFT_DEVICES=vulkan LINESHAFT_VULKAN_VALIDATION=1 \
      "$python" -m pytest -q -n "$(nproc)" -p no:cacheprovider -m "not cpu_only" tests) || failed+=("PyTorch tests, vulkan")
  else
    warn "there is no Vulkan device: its part of the PyTorch tests does not run"
  fi
fi

[ ${#failed[@]} = 0 ] || {
  printf '%sfailed:%s %s\n' "$red" "$plain" "$(IFS=,; echo "${failed[*]}")" >&2
  exit 1
}
