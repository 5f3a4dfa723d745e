#!/usr/bin/env bash
# test_cpp.sh BINARY [GoogleTest flags]: runs the binary in as many shards as there are cores (SHARDS overrides), prints what
# failed in full, and closes with one line "N passed, N failed, N skipped".
set -uo pipefail
source "$(dirname "$0")/lib.sh"
binary=$1
shift
shards=${SHARDS:-$(nproc)}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
say "C++ tests in $shards shards"
pids=()
for ((shard = 0; shard < shards; shard++)); do
  GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$shard OMP_NUM_THREADS=${OMP_NUM_THREADS:-2} "$binary" --gtest_brief=1 "$@" >"$logs/$shard" 2>&1 </dev/null &
  pids+=($!)
done
passed=0 failed=0 skipped=0 status=0
for ((shard = 0; shard < shards; shard++)); do
  if ! wait "${pids[$shard]}"; then
    status=1
    cat "$logs/$shard"
    grep -q '^\[  PASSED  \]' "$logs/$shard" || { failed=$((failed + 1)) && warn "shard $shard ended early: a crash; run it with GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$shard"; }
  fi
  p=$(sed -nE 's/^\[  PASSED  \] ([0-9]+) tests?.*/\1/p' "$logs/$shard" | tail -1)
  f=$(grep -cE '^\[  FAILED  \] .* \([0-9]+ ms\)$' "$logs/$shard")
  s=$(sed -nE 's/^\[  SKIPPED \] ([0-9]+) tests?.*/\1/p' "$logs/$shard" | tail -1)
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
done
if grep -hE 'Validation (Error|Warning)|VUID-' "$logs"/* | sort | uniq -c | sort -rn | head -20 | grep .; then
  warn "the Vulkan validation layers have something to say: see above"
  status=1
fi
if [ "$passed" = 0 ] && [ "$failed" = 0 ]; then
  warn "no test ran"
  status=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
