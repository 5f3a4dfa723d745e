#!/usr/bin/env bash
# test_processors.sh BINARY: a few C++ tests on emulated processors without AVX and without AVX-512. The library has code for each set of
# instructions, and what is for another one ends the program there, where a processor that has all of them shows nothing.
set -uo pipefail
source "$(dirname "$0")/lib.sh"
binary=$1
names=(MapInPlace MapDrawsPhiloxNumbers MapIntegersOnEdgeValues MapEachRunsItsGroups NormalizeForward SoftmaxForward LinearAlgebraOfManyMatrices)
tests=$(printf 'Devices/Conformance.%s/cpu_0:' "${names[@]}")
status=0
for processor in Nehalem Haswell; do
  # Emulation warns of what it lacks of the processor, which has nothing to do with arithmetic.
  said=$(OMP_NUM_THREADS=1 LINESHAFT_DEVICES=cpu qemu-x86_64 -cpu "$processor" "$binary" --gtest_brief=1 --gtest_filter="$tests" 2>&1 | grep -v 'TCG doesn')
  if grep -q "^\[  PASSED  \] ${#names[@]} tests" <<<"$said"; then
    echo "${#names[@]} passed on a $processor"
  else
    printf '%s\n' "$said"
    warn "not all of ${#names[@]} tests passed on a $processor"
    status=1
  fi
done
exit "$status"
