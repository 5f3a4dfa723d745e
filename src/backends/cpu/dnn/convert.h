// Copies between memory of different types and layouts, on raw memory: what has no place as a map because one side is
// scratch.
#pragma once

#include "backends/cpu/dnn/loops.h"
#include "backends/cpu/dnn/product.h"

namespace lineshaft::cpu {

// Converts `batch` matrices of rows x columns. In parallel where it is worth it.
void convert_matrices(const Matrices& from, const Matrices& to, int64_t batch, int64_t rows, int64_t columns);

// Strided memory of any rank.
struct Strided {
  void* data = nullptr;
  DType dtype = DType::kF32;
  std::array<int64_t, kMaxRank> strides{};
};

// Converts a whole array of `sizes`, in any order of axes.
void convert_array(const Strided& from, const Strided& to, std::span<const int64_t> sizes);

}  // namespace lineshaft::cpu
