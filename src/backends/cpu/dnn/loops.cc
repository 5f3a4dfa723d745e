#include "backends/cpu/dnn/loops.h"

#include "backends/cpu/simd/kernels.h"

namespace lineshaft::cpu {

extern const Loops loops_base;
#if LINESHAFT_X86_VARIANTS
extern const Loops loops_avx2;
extern const Loops loops_avx512;
#endif

const Loops& loops() {
#if LINESHAFT_X86_VARIANTS
  if (current_isa() == Isa::kAvx512) return loops_avx512;
  if (current_isa() == Isa::kAvx2) return loops_avx2;
#endif
  return loops_base;
}

}  // namespace lineshaft::cpu
