#include "backends/cpu/dense_matrices.h"

#include <cstring>
#include <type_traits>

namespace lineshaft::cpu {
namespace {

// Element (i, j) of a matrix at i * row + j * column.
struct Steps {
  int64_t row = 0, column = 0;
};

Steps steps_of(const TensorView& batch) {
  return {batch.strides[1], batch.rank > 2 ? batch.strides[2] : 0};
}

// In tiles, so that both sides are read and written by whole lines of the cache.
template <class T, class F>
void for_each_place(const Dense& matrix, F&& f) {
  constexpr int64_t kTile = 16;
  for (int64_t j = 0; j < matrix.columns; j += kTile)
    for (int64_t i = 0; i < matrix.rows; i += kTile) {
      int64_t last = std::min(i + kTile, matrix.rows), end = std::min(j + kTile, matrix.columns);
      for (int64_t k = j; k < end; ++k)
        for (int64_t l = i; l < last; ++l) f(l, k);
    }
}

template <class F>
void visit(DType dtype, F&& f) {
  dtype == DType::kF64 ? f(std::type_identity<double>{}) : f(std::type_identity<float>{});
}

template <class T>
T* matrix_of(Context& context, const TensorView& batch, int64_t index) {
  return context.data<T>(batch) + index * batch.strides[0];
}

}  // namespace

void load_matrix(Context& context, const TensorView& batch, int64_t index, const Dense& to) {
  if (to.rows * to.columns == 0) return;
  visit(batch.dtype, [&]<class T>(std::type_identity<T>) {
    const T* from = matrix_of<T>(context, batch, index);
    T* target = static_cast<T*>(to.data);
    Steps step = steps_of(batch);
    if (step.row == 1)
      for (int64_t j = 0; j < to.columns; ++j)
        std::memcpy(target + j * to.stride, from + j * step.column, static_cast<size_t>(to.rows) * sizeof(T));
    else
      for_each_place<T>(
          to, [&](int64_t i, int64_t j) { target[i + j * to.stride] = from[i * step.row + j * step.column]; });
  });
}

void store_matrix(Context& context, const Dense& from, const TensorView& batch, int64_t index) {
  if (from.rows * from.columns == 0) return;
  visit(batch.dtype, [&]<class T>(std::type_identity<T>) {
    const T* source = static_cast<const T*>(from.data);
    T* to = matrix_of<T>(context, batch, index);
    Steps step = steps_of(batch);
    if (step.row == 1)
      for (int64_t j = 0; j < from.columns; ++j)
        std::memcpy(to + j * step.column, source + j * from.stride, static_cast<size_t>(from.rows) * sizeof(T));
    else
      for_each_place<T>(
          from, [&](int64_t i, int64_t j) { to[i * step.row + j * step.column] = source[i + j * from.stride]; });
  });
}

void store_lower(Context& context, const Dense& from, const TensorView& batch, int64_t index) {
  visit(batch.dtype, [&]<class T>(std::type_identity<T>) {
    T* source = static_cast<T*>(from.data);
    for (int64_t j = 1; j < from.columns; ++j)
      std::fill(source + j * from.stride, source + j * from.stride + std::min(j, from.rows), T{0});
  });
  store_matrix(context, from, batch, index);
}

}  // namespace lineshaft::cpu
