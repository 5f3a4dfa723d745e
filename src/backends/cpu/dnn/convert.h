// Copies with conversion between raw memory of different types and layouts, for cases in which one side is scratch.
#pragma once

#include "backends/cpu/dnn/loops.h"
#include "backends/cpu/dnn/product.h"

namespace lineshaft::cpu {

// Converts `batch` matrices of rows x columns. Large ones are converted in parallel.
void convert_matrices(const Matrices& from, const Matrices& to, int64_t batch, int64_t rows, int64_t columns);

// Strided memory of any rank.
struct Strided {
  void* data = nullptr;
  DType dtype = DType::kF32;
  std::array<int64_t, kMaxRank> strides{};
};

// Converts an array of `sizes`; both sides may have any order of axes.
void convert_array(const Strided& from, const Strided& to, std::span<const int64_t> sizes);

}  // namespace lineshaft::cpu
