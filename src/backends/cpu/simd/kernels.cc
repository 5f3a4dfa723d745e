#include "backends/cpu/simd/kernels.h"

#include <atomic>

#include "backends/cpu/simd/linear_kernels.h"
#include "backends/cpu/simd/normalize_kernels.h"
#include "backends/cpu/simd/reduce_kernels.h"
#include "backends/cpu/simd/softmax_kernels.h"
#include "lineshaft/base/error.h"
#include "platform/environment.h"
#if LINESHAFT_X86_VARIANTS
#include <cpuid.h>
#endif

namespace lineshaft::cpu {
namespace {

struct AllKernels {
  Kernels programs;
  ReduceKernels reductions[kReduceKinds][kComputeTypes];
  SoftmaxKernels softmax[2];
  NormalizeKernels normalize[2];
  LinearKernels linear[2];
};

template <Isa isa>
AllKernels build() {
  AllKernels all;
  Kernels& table = all.programs;
#define LINESHAFT_FILL(name)           \
  name::fill_arithmetic(table);        \
  name::fill_math(table);              \
  name::fill_convert(table);           \
  name::fill_reduce(all.reductions);   \
  name::fill_softmax(all.softmax);     \
  name::fill_normalize(all.normalize); \
  name::fill_linear(all.linear);
#if LINESHAFT_X86_VARIANTS
  if constexpr (isa == Isa::kAvx512) {
    LINESHAFT_FILL(avx512)
    return all;
  }
  if constexpr (isa == Isa::kAvx2) {
    LINESHAFT_FILL(avx2)
    return all;
  }
#endif
  LINESHAFT_FILL(baseline)
  return all;
}

Isa choose() {
  if (auto name = environment("LINESHAFT_CPU_ISA")) {
    for (auto [text, isa] : {std::pair{"baseline", Isa::kBaseline}, {"avx2", Isa::kAvx2}, {"avx512", Isa::kAvx512}}) {
      if (*name != text) continue;
      LS_REQUIRE(is_supported(isa), "LINESHAFT_CPU_ISA=", *name, " is not supported by this processor; unset it");
      return isa;
    }
    fail(ErrorCode::kInvalidArgument, "LINESHAFT_CPU_ISA=", *name, " is none of baseline, avx2, avx512");
  }
  return is_supported(Isa::kAvx512) ? Isa::kAvx512 : is_supported(Isa::kAvx2) ? Isa::kAvx2 : Isa::kBaseline;
}

#if LINESHAFT_X86_VARIANTS
// Clang before 15 does not know the name. That the system keeps the registers follows from avx2 or avx512f.
bool has_f16c() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}
#endif

std::atomic<Isa>& chosen() {
  static std::atomic<Isa> isa = choose();
  return isa;
}

}  // namespace

bool is_supported([[maybe_unused]] Isa isa) {
#if LINESHAFT_X86_VARIANTS
  __builtin_cpu_init();
  if (isa == Isa::kAvx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_f16c();
  if (isa == Isa::kAvx512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && has_f16c();
#endif
  return isa == Isa::kBaseline;
}

namespace {
template <Isa isa>
const AllKernels& table() {
  static const AllKernels all = build<isa>();
  return all;
}

// Code of an instruction set fills its table: that of another one than is asked for may not run here.
const AllKernels& all_for(Isa isa) {
  switch (isa) {
    case Isa::kAvx512:
      return table<Isa::kAvx512>();
    case Isa::kAvx2:
      return table<Isa::kAvx2>();
    default:
      return table<Isa::kBaseline>();
  }
}
}  // namespace

const Kernels& kernels_for(Isa isa) {
  return all_for(isa).programs;
}

const ReduceKernels& reduce_kernels(ReduceKind kind, DType type) {
  return all_for(current_isa()).reductions[static_cast<int>(kind)][type_index(type)];
}

const SoftmaxKernels& softmax_kernels(DType type) {
  return all_for(current_isa()).softmax[type_index(type)];
}

const NormalizeKernels& normalize_kernels(DType type) {
  return all_for(current_isa()).normalize[type_index(type)];
}

const LinearKernels& linear_kernels(DType type) {
  return all_for(current_isa()).linear[type_index(type)];
}

Isa current_isa() {
  return chosen().load(std::memory_order_relaxed);
}
void set_isa(Isa isa) {
  chosen() = isa;
}

}  // namespace lineshaft::cpu
