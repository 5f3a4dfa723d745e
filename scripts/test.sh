#!/usr/bin/env bash
# The test suite: C++ unit and conformance tests, then the PyTorch device's, on the CPU backend and on Vulkan with the validation layers. Everything
# runs even if something fails; the last lines say what did. Operators that the device lacks raise.
#   test.sh [cpp] [torch] [opinfo]: only these parts.
set -uo pipefail
source "$(dirname "$0")/lib.sh"
export LINESHAFT_FALLBACK=error
export LINESHAFT_CACHE=${LINESHAFT_CACHE:-$root/build/cache} MESA_SHADER_CACHE_DIR=${MESA_SHADER_CACHE_DIR:-$root/build/cache/mesa}
parts=${*:-cpp torch opinfo}
tests=$root/frontends/torch/tests
failed=()
start=$SECONDS

# part NAME COMMAND...: runs it and remembers a failure.
part() {
  local name=$1 begin=$SECONDS
  shift
  say "$name"
  "$@" || failed+=("$name")
  say "$name took $((SECONDS - begin)) s"
}
wants() { [[ " $parts " == *" $1 "* ]]; }

if wants cpp; then
  if [ -x "$build/bin/lineshaft_tests" ]; then
    part "C++ tests" "$root/scripts/test_cpp.sh" "$build/bin/lineshaft_tests"
  else
    warn "the C++ tests are not built (GoogleTest is missing) and do not run"
  fi
fi

vulkan=$("$venv/bin/lineshaft" devices --json | "$python" -c 'import json, sys; print(any(d["id"].startswith("vulkan") for d in json.load(sys.stdin)["devices"]))')
[ "$vulkan" = True ] || warn "there is no Vulkan device: its part of the PyTorch tests does not run"

on_cpu() { LINESHAFT_DEVICES=cpu "$@"; }
on_vulkan() { LINESHAFT_DEVICES=vulkan LINESHAFT_VULKAN_VALIDATION=1 "$@"; }
pytests() { "$python" -m pytest -q -p no:cacheprovider -n "$(nproc)" "$tests"; }

if wants torch; then
  part "PyTorch tests, cpu" on_cpu pytests
  [ "$vulkan" = True ] && part "PyTorch tests, vulkan" on_vulkan pytests
fi
if wants opinfo; then
  part "OpInfo, cpu" on_cpu "$python" "$tests/opinfo/run.py" --results "$root/build/opinfo.cpu.jsonl"
  # On a software GPU every fourth case; `make test-all` runs all of them.
  [ "$vulkan" = True ] && part "OpInfo, vulkan" on_vulkan "$python" "$tests/opinfo/run.py" --every "${OPINFO_EVERY:-4}" --results "$root/build/opinfo.vulkan.jsonl"
fi

[ ${#failed[@]} = 0 ] || {
  printf '%sfailed:%s %s\n' "$red" "$plain" "$(IFS=,; echo "${failed[*]}")" >&2
  exit 1
}
say "all tests passed in $((SECONDS - start)) s"
