#!/usr/bin/env bash
# The test suite: C++ unit and conformance tests, then the PyTorch device's, on the CPU backend and on Vulkan with the validation layers silent. Everything
# runs even if something fails; the last lines say what did. Operators that the device lacks raise.
#   test.sh [cpp] [guest] [torch] [opinfo] [torch-fuzz] [fuzz]: only these parts.
set -uo pipefail
source "$(dirname "$0")/lib.sh"
export LINESHAFT_FALLBACK=error LINESHAFT_VALIDATE=on
export LINESHAFT_CACHE=${LINESHAFT_CACHE:-$root/build/cache} MESA_SHADER_CACHE_DIR=${MESA_SHADER_CACHE_DIR:-$root/build/cache/mesa}
parts=${*:-cpp guest torch opinfo torch-fuzz fuzz}
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

# The layers' own default is to print errors to the standard output, which test_cpp.sh reads.
layers=$root/build/validation
mkdir -p "$layers"
if [ -e /usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json ]; then
  export VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation
  printf 'khronos_validation.%s\n' debug_action=VK_DBG_LAYER_ACTION_LOG_MSG report_flags=error log_filename="$layers/messages" >"$layers/vk_layer_settings.txt"
else
  warn "vulkan-validationlayers is not installed: Vulkan tests run without validation"
fi

if wants cpp; then
  if [ -x "$build/bin/lineshaft_tests" ]; then
    part "C++ tests" "$root/scripts/test_cpp.sh" "$build/bin/lineshaft_tests" "--gtest_filter=-*Long:*Long/*"
  else
    warn "the C++ tests are not built (GoogleTest is missing) and do not run"
  fi
fi

if wants cpp && [ "$(uname -m)" = x86_64 ] && [ -x "$build/bin/lineshaft_tests" ]; then
  if command -v qemu-x86_64 >/dev/null; then
    part "C++ tests on processors without AVX and AVX-512" "$root/scripts/test_processors.sh" "$build/bin/lineshaft_tests"
  else
    warn "qemu-user is not installed: nothing is tested on processors without AVX"
  fi
fi

if wants guest && [ -x "$build/bin/lineshaft_tests" ]; then
  part "conformance through a server" "$root/scripts/with_server.sh" "${GUEST_DEVICES:-cpu}" "$root/scripts/test_cpp.sh" "$build/bin/lineshaft_tests" '--gtest_filter=*/remote_*'
fi

vulkan=$(env -u VK_INSTANCE_LAYERS "$venv/bin/lineshaft" devices --json | "$python" -c 'import json, sys; print(any(d["id"].startswith("vulkan") for d in json.load(sys.stdin)["devices"]))')
[ "$vulkan" = True ] || warn "there is no Vulkan device: its part of the PyTorch tests does not run"

if wants cpp && [ "$vulkan" = True ] && [ -x "$build/bin/lineshaft_tests" ]; then
  # What a software GPU is not given by itself, and what a device does that lacks much.
  part "Vulkan with a GPU's kernels" env LINESHAFT_VULKAN_FAMILY=nvidia "$root/scripts/test_cpp.sh" "$build/bin/lineshaft_tests" '--gtest_filter=*Vulkan*:*.Matmul*/vulkan_*:*.Conv*/vulkan_*'
  part "Vulkan without f64, i64, f16 and bda" env LINESHAFT_VULKAN_MASK=f64,i64,f16,bda "$root/scripts/test_cpp.sh" "$build/bin/lineshaft_tests" '--gtest_filter=*Vulkan*'
  # Operands that pass what a storage buffer binds and what kernels count, by address and, without addresses, in windows.
  part "Vulkan beyond its ranges" env LINESHAFT_VULKAN_RANGE=16384 LINESHAFT_VULKAN_ELEMENTS=16384 "$root/scripts/test_cpp.sh" "$build/bin/lineshaft_tests" '--gtest_filter=VulkanRanges.*:*.Softmax*/vulkan_*:*.Gather*/vulkan_*:*.Scatter*/vulkan_*'
  part "Vulkan beyond its ranges, without bda" env LINESHAFT_VULKAN_RANGE=65536 LINESHAFT_VULKAN_ELEMENTS=32768 LINESHAFT_VULKAN_MASK=bda "$root/scripts/test_cpp.sh" "$build/bin/lineshaft_tests" '--gtest_filter=VulkanRanges.*'
  part "Vulkan without f64" env LINESHAFT_VULKAN_MASK=f64 LINESHAFT_FALLBACK=warn "$root/scripts/test_cpp.sh" "$build/bin/lineshaft_tests" '--gtest_filter=*.Map*/vulkan_*:*.Matmul*/vulkan_*:*.Softmax*/vulkan_*:*.Scatter*/vulkan_*:*.Scan*/vulkan_*:*.Pool*/vulkan_*:*.Conv*Grad*/vulkan_*'
fi

on_cpu() { LINESHAFT_DEVICES=cpu "$@"; }
on_vulkan() { LINESHAFT_DEVICES=vulkan "$@"; }
# The tests marked long are for `make test-all`.
pytests() { "$python" -m pytest -q -p no:cacheprovider -m "${PYTEST_MARKS-not long}" "$@"; }
# Each process that loads the layers empties the file of their messages: a pipe in its place keeps what all of them say.
validated() {
  local status=0 line
  rm -f "$layers/messages"
  mkfifo "$layers/messages"
  while IFS= read -r line && [ "$line" != "all tests have run" ]; do printf '%s\n' "$line"; done <>"$layers/messages" >"$layers/said" &
  VK_LAYER_SETTINGS_PATH=$layers "$@" || status=$?
  echo "all tests have run" >"$layers/messages"
  wait $!
  [ ! -s "$layers/said" ] || {
    sort "$layers/said" | uniq -c | sort -rn | head -20
    warn "the Vulkan validation layers have something to say: see above"
    status=1
  }
  return "$status"
}

if wants cpp; then
  part "the CMake package and the library's exports" pytests "$root/tests/packages"
fi
if wants torch; then
  part "PyTorch tests, cpu" on_cpu pytests -n "$(nproc)" "$tests" "$root/examples"
  [ "$vulkan" = True ] && part "PyTorch tests, vulkan" on_vulkan validated pytests -n "$(nproc)" --ignore="$tests/guest" "$tests"
fi
if wants guest; then
  # -rs says why a test is skipped: podman or rights are missing.
  part "containers and virtual machines" env -u VK_INSTANCE_LAYERS "$python" -m pytest -q -rs -p no:cacheprovider -m "${PYTEST_MARKS-not long}" "$root/tests/guests"
  # The workers have layers and messages of their own.
  [ "$vulkan" = True ] && part "a guest's PyTorch, vulkan" env -u VK_INSTANCE_LAYERS LINESHAFT_DEVICES=vulkan "$python" -m pytest -q -p no:cacheprovider -m "not long" "$tests/guest"
fi
if wants opinfo; then
  part "OpInfo, cpu" on_cpu "$python" "$tests/opinfo/run.py" --results "$root/build/opinfo.cpu.jsonl"
  unset VK_INSTANCE_LAYERS
  # On a software GPU every fourth case; `make test-all` runs all of them.
  [ "$vulkan" = True ] && part "OpInfo, vulkan" on_vulkan "$python" "$tests/opinfo/run.py" --every "${OPINFO_EVERY:-4}" --results "$root/build/opinfo.vulkan.jsonl"
fi
if wants torch-fuzz; then
  # The same programs each time, about a minute on each backend; `make test-all` runs more.
  unset VK_INSTANCE_LAYERS
  fuzz_torch() { "$python" "$tests/fuzz/run.py" --programs "$2" --device "$1" --jobs "$(nproc)"; }
  part "fuzzing the PyTorch device, cpu" fuzz_torch cpu "$((1200 * ${TORCH_FUZZ_TIMES:-1}))"
  [ "$vulkan" = True ] && part "fuzzing the PyTorch device, vulkan" fuzz_torch vulkan "$((900 * ${TORCH_FUZZ_TIMES:-1}))"
fi
if wants fuzz; then
  if command -v clang++-14 >/dev/null && [ -e "$(clang++-14 -print-file-name=libclang_rt.fuzzer-x86_64.a)" ]; then
    part "fuzzers" env -u VK_INSTANCE_LAYERS "$root/scripts/fuzz.sh"
  else
    warn "clang-14 or its libFuzzer (libclang-rt-14-dev) is not installed: the fuzzers do not run"
  fi
fi

[ ${#failed[@]} = 0 ] || {
  printf '%sfailed:%s %s\n' "$red" "$plain" "$(IFS=,; echo "${failed[*]}")" >&2
  exit 1
}
say "all tests passed in $((SECONDS - start)) s"
