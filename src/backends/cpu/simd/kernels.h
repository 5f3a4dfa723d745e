// The vectorized loops of the CPU backend, compiled for several instruction sets and chosen at run time. A kernel works
// on a tile: short arrays that stay in L1 cache.
#pragma once

#include <cstdint>

#include "lineshaft/program/program.h"

namespace lineshaft::cpu {

enum class Isa { kBaseline, kAvx2, kAvx512 };
inline constexpr int kIsaCount = 3;

inline constexpr int kSplatBytes = 64;  // the size of the widest vector: so many bytes of a splat operand can be read

// out[i] = op(a[i], b[i], c[i]). An operand whose bit (0: a, 1: b, 2: c) is set in `splat` is one vector of equal
// values. `out` may be any of the operands of equal element size. Element i's result depends on its operands only, not
// on i, n or alignment.
struct KernelArgs {
  void* out = nullptr;
  const void* a = nullptr;
  const void* b = nullptr;
  const void* c = nullptr;
  int64_t n = 0;
  uint16_t imm = 0;
  uint8_t splat = 0;
};
using Kernel = void (*)(const KernelArgs&);

// A block of `rows` by `cols` elements at `data` with strides in elements; `tile` holds them row after row, without
// gaps.
struct BlockArgs {
  void* tile = nullptr;
  void* data = nullptr;
  int64_t rows = 1, cols = 0;
  int64_t row_stride = 0, col_stride = 1;
};
using BlockKernel = void (*)(const BlockArgs&);

// The position of a compute type in the tables.
inline constexpr int kComputeTypes = 5;
constexpr int type_index(DType type) {
  switch (type) {
    case DType::kF64:
      return 0;
    case DType::kF32:
      return 1;
    case DType::kI64:
      return 2;
    case DType::kI32:
      return 3;
    default:
      return 4;
  }
}

struct Kernels {
  Kernel op[kOpcodeCount][kComputeTypes] = {};     // by the type of operand a (of b for select)
  Kernel cast[kComputeTypes][kComputeTypes] = {};  // [from][to]
  Kernel copy_value[kComputeTypes] = {};           // out = a
  Kernel narrow[kDTypeCount] = {};                 // rounds to a storage type and widens back
  BlockKernel load[kDTypeCount] = {};              // tile = widened data
  BlockKernel store[kDTypeCount] = {};             // data = rounded or wrapped tile
  BlockKernel copy[kDTypeCount] = {};              // tile = data, both of the storage type
};

// Whether this processor supports the instruction set. kBaseline is always supported.
bool is_supported(Isa isa);
const Kernels& kernels_for(Isa isa);

// The instruction set in use: the widest that is supported, or the one that LINESHAFT_CPU_ISA names (baseline, avx2,
// avx512).
Isa current_isa();
// For tests.
void set_isa(Isa isa);
inline const Kernels& kernels() {
  return kernels_for(current_isa());
}

#define LINESHAFT_FOR_EACH_ISA(F) F(baseline) F(avx2) F(avx512)
#define LINESHAFT_DECLARE_FILLS(isa)    \
  namespace isa {                       \
  void fill_arithmetic(Kernels& table); \
  void fill_math(Kernels& table);       \
  void fill_convert(Kernels& table);    \
  }
LINESHAFT_FOR_EACH_ISA(LINESHAFT_DECLARE_FILLS)
#undef LINESHAFT_DECLARE_FILLS

}  // namespace lineshaft::cpu
