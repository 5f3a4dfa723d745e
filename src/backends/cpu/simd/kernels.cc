#include "backends/cpu/simd/kernels.h"

#include <atomic>

#include "base/error.h"
#include "platform/environment.h"

namespace lineshaft::cpu {
namespace {

template <Isa isa>
Kernels build() {
  Kernels table;
#define LINESHAFT_FILL(name)    \
  name::fill_arithmetic(table); \
  name::fill_math(table);       \
  name::fill_convert(table);
#if LINESHAFT_X86_VARIANTS
  if constexpr (isa == Isa::kAvx512) {
    LINESHAFT_FILL(avx512)
    return table;
  }
  if constexpr (isa == Isa::kAvx2) {
    LINESHAFT_FILL(avx2)
    return table;
  }
#endif
  LINESHAFT_FILL(baseline)
  return table;
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

std::atomic<Isa>& chosen() {
  static std::atomic<Isa> isa = choose();
  return isa;
}

}  // namespace

bool is_supported([[maybe_unused]] Isa isa) {
#if LINESHAFT_X86_VARIANTS
  __builtin_cpu_init();
  if (isa == Isa::kAvx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
  if (isa == Isa::kAvx512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("f16c");
#endif
  return isa == Isa::kBaseline;
}

const Kernels& kernels_for(Isa isa) {
  static const Kernels tables[kIsaCount] = {build<Isa::kBaseline>(), build<Isa::kAvx2>(), build<Isa::kAvx512>()};
  return tables[static_cast<int>(isa)];
}

Isa current_isa() {
  return chosen().load(std::memory_order_relaxed);
}
void set_isa(Isa isa) {
  chosen() = isa;
}

}  // namespace lineshaft::cpu
