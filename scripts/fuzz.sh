#!/usr/bin/env bash
# Builds the fuzzers and runs each of them, from seeds made anew and from what earlier runs found.
#   fuzz.sh [--minutes N | --seconds N] [frames] [messages] [commands] [session] [vulkan] [api] [api-vulkan]
# As many run side by side as there are cores (JOBS). What a fuzzer trips over lies in build/fuzz/findings;
# docs/fuzzing.md says how to run it again.
set -uo pipefail
source "$(dirname "$0")/lib.sh"
seconds=60 fuzzers=()
while [ $# -gt 0 ]; do
  case $1 in
    --minutes) seconds=$((${2:-0} * 60)) && shift ;;
    --seconds) seconds=${2:-0} && shift ;;
    frames | messages | commands | session | vulkan | api | api-vulkan) fuzzers+=("$1") ;;
    *) die "fuzz.sh knows --minutes, --seconds and the fuzzers frames, messages, commands, session, vulkan, api, api-vulkan; not $1" ;;
  esac
  shift
done
[ "$seconds" -gt 0 ] || die "--minutes and --seconds take a whole number above 0"
command -v clang++-14 >/dev/null && [ -e "$(clang++-14 -print-file-name=libclang_rt.fuzzer-x86_64.a)" ] ||
  die "the fuzzers are built with clang and libFuzzer: apt-get install clang-14 libclang-rt-14-dev libomp-14-dev"

export PATH=$venv/bin:$PATH
here=$root/build/fuzz
arguments=()
[ -e /usr/include/vulkan/vulkan.h ] || arguments+=(-DLINESHAFT_VULKAN=OFF)
cmake --preset fuzz -S "$root" -DCMAKE_PREFIX_PATH="$venv" "${arguments[@]}" >"$root/build/fuzz.log" 2>&1 || { cat "$root/build/fuzz.log"; die "the fuzzers cannot be configured"; }
ninja -C "$here" -j "$jobs" --quiet fuzzers || die "the fuzzers do not build"
if [ ${#fuzzers[@]} = 0 ]; then
  fuzzers=(frames messages commands session api)
  if "$venv/bin/lineshaft" devices --json | grep -q '"vulkan:0"'; then fuzzers+=(vulkan api-vulkan); else warn "there is no Vulkan device to fuzz"; fi
fi

# Training steps as programs make them; without PyTorch the examples of operations have to do.
if [ -z "$(ls "$root/build/traces" 2>/dev/null)" ] && "$python" -c 'import torch' 2>/dev/null; then
  mkdir -p "$root/build/traces"
  LINESHAFT_DEVICES=cpu LINESHAFT_TRACE=$root/build/traces/models "$python" "$root/tests/fuzz/record.py" || die "no traces can be recorded"
fi
traces=()
for trace in "$root"/build/traces/*; do [ -e "$trace" ] && traces+=("$trace"); done
rm -rf "$here/seeds"
"$here/bin/fuzz_seeds" "$here/seeds" "${traces[@]}" || die "there are no seeds"
mkdir -p "$here/findings"
# What cannot be allocated is refused, as without the sanitizer.
export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1:quarantine_size_mb=32:malloc_context_size=8 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export LSAN_OPTIONS=suppressions=$root/scripts/lsan.supp:print_suppressions=0 LINESHAFT_THREADS=1 OMP_NUM_THREADS=1 LP_NUM_THREADS=1
export LINESHAFT_CACHE=$here/cache MESA_SHADER_CACHE_DIR=$here/cache/mesa

# A process lives for an hour: programs and labels live as long as theirs, which serves one guest otherwise.
fuzz() {
  local name=$1 binary=$1 end=$((SECONDS + seconds)) slice leaks=1
  # Leaks are looked for at the end only where a driver's threads run: LeakSanitizer may fall over what they have just unmapped.
  case $name in
    vulkan) binary=session ;;
    api-vulkan) binary=api ;;
  esac
  [ "$name" = "$binary" ] || { leaks=0 && export LINESHAFT_FUZZ_DEVICE=vulkan:0; }
  mkdir -p "$here/corpus/$name"
  : >"$here/$name.log"
  while ((slice = end - SECONDS, slice > 0)); do
    "$here/bin/${binary}_fuzz" -max_total_time=$((slice < 3600 ? slice : 3600)) -timeout=60 -report_slow_units=60 -rss_limit_mb=4096 -malloc_limit_mb=300 -max_len=65536 \
      -len_control=0 -entropic=0 -detect_leaks=$leaks -print_final_stats=1 -artifact_prefix="$here/findings/$name-" "$here/corpus/$name" "$here/seeds/$binary" >>"$here/$name.log" 2>&1 || return
  done
}
# Adds up what the processes of a fuzzer have said at their ends.
figures() {
  awk '/^stat::number_of_executed_units/ { runs += $2 } /^stat::peak_rss_mb/ { if ($2 > peak) peak = $2 } /^tally:/ { frames += $2; operations += $4 }
    END { printf "%d runs, %d frames, %d operations run, at most %d MB", runs, frames, operations, peak }' "$1"
}

failed=()
running=()
reap() {
  local name=${running[0]%:*}
  if wait "${running[0]#*:}"; then
    say "$name: $(figures "$here/$name.log")"
  else
    tail -60 "$here/$name.log"
    failed+=("$name")
  fi
  running=("${running[@]:1}")
}
for name in "${fuzzers[@]}"; do
  [ ${#running[@]} -lt "$jobs" ] || reap
  fuzz "$name" &
  running+=("$name:$!")
done
while [ ${#running[@]} -gt 0 ]; do reap; done
[ ${#failed[@]} = 0 ] || die "found by: $(IFS=,; echo "${failed[*]}"); the inputs lie in $here/findings"
