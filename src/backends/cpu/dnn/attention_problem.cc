#include "backends/cpu/dnn/attention_problem.h"

#include <limits>

#include "backends/cpu/dnn/convert.h"
#include "backends/cpu/dnn/onednn.h"
#include "base/divide.h"

namespace lineshaft::cpu {
namespace {

template <class T>
constexpr DType dtype_of() {
  return sizeof(T) == 8 ? DType::kF64 : DType::kF32;
}

// Whether products can read the view's rows as they are.
template <class T>
bool has_rows(const TensorView& view) {
  return view.dtype == dtype_of<T>() && (view.strides[3] == 1 || view.sizes[3] == 1) &&
         (view.strides[2] >= view.sizes[3] || view.sizes[2] == 1);
}

template <class T>
HeadRows<T> rows_of(T* data, const TensorView& view) {
  return {data, view.strides[0], view.strides[1],
          view.sizes[2] == 1 ? std::max<int64_t>(view.sizes[3], 1) : view.strides[2]};
}

// A dense copy's view: axes that the original repeats are kept once.
template <class T>
TensorView dense_view(const TensorView& view) {
  TensorView dense = view;
  dense.dtype = dtype_of<T>();
  int64_t stride = 1;
  for (int i = 3; i >= 0; --i) {
    bool repeated = i < 2 && view.strides[i] == 0;
    dense.strides[i] = repeated ? 0 : stride;
    if (!repeated) stride *= std::max<int64_t>(view.sizes[i], 1);
  }
  return dense;
}

}  // namespace

template <class T>
HeadRows<const T> head_rows(Context& context, const TensorView& view) {
  if (view.numel() == 0) return {};
  if (has_rows<T>(view)) return rows_of<const T>(context.data<T>(view), view);
  TensorView dense = dense_view<T>(view);
  std::array<int64_t, 4> sizes;
  int64_t count = 1;
  for (int i = 0; i < 4; ++i) count *= sizes[i] = i < 2 && dense.strides[i] == 0 ? 1 : view.sizes[i];
  T* copy = context.scratch<T>(count);
  convert_array({context.data(view), view.dtype, view.strides}, {copy, dense.dtype, dense.strides}, sizes);
  return rows_of<const T>(copy, dense);
}

template <class T>
HeadResult<T>::HeadResult(Context& context, const TensorView& view)
    : view_(view), memory_(view.numel() ? context.data(view) : nullptr), direct_(has_rows<T>(view)) {
  if (!memory_) return;
  if (direct_) {
    rows_ = rows_of<T>(reinterpret_cast<T*>(memory_), view);
  } else {
    TensorView dense = contiguous_view({}, dtype_of<T>(), view.shape());
    rows_ = rows_of<T>(context.scratch<T>(view.numel()), dense);
  }
}

template <class T>
void HeadResult<T>::finish() {
  if (!memory_ || direct_) return;
  TensorView dense = contiguous_view({}, dtype_of<T>(), view_.shape());
  convert_array({rows_.data, dense.dtype, dense.strides}, {memory_, view_.dtype, view_.strides}, view_.shape());
}

template <class T>
AttentionProblem<T> attention_problem(Context& context, const TensorView& query, const TensorView& key,
                                      const TensorView& value, const TensorView& mask, const AttentionParams& params) {
  AttentionProblem<T> p{query.sizes[0], query.sizes[1], query.sizes[2], key.sizes[2],
                        query.sizes[3], value.sizes[3], params};
  p.query = head_rows<T>(context, query);
  p.key = head_rows<T>(context, key);
  p.value = head_rows<T>(context, value);
  if (mask && mask.numel() > 0) {
    p.mask = &mask;
    p.mask_data = context.data(mask);
  }
  return p;
}

template <class T>
void AttentionProblem<T>::hide(T* scores, int64_t b, int64_t h, int64_t i, int64_t first, int64_t count) const {
  if (mask) {
    int64_t offset = b * mask->strides[0] + h * mask->strides[1] + i * mask->strides[2] + first * mask->strides[3];
    rows().mask(scores, mask->dtype, mask_data + offset * size_of(mask->dtype), mask->strides[3], count);
  }
  if (!params.causal) return;
  int64_t visible = std::clamp<int64_t>(i + keys - queries + 1 - first, 0, count);
  std::fill(scores + visible, scores + count, -std::numeric_limits<T>::infinity());
}

void multiply_block(GemmSpace*, const BlockProduct<float>& p) {
  if (p.m == 0 || p.n == 0) return;
  if (p.k == 0) {
    if (!p.add)
      for (int64_t i = 0; i < p.m; ++i) std::fill_n(p.c + i * p.c_row, p.n, 0.0f);
    return;
  }
  sgemm(p.a_transposed, p.b_transposed, p.m, p.n, p.k, p.alpha, p.a, p.a_row, p.b, p.b_row, p.add ? 1.0f : 0.0f, p.c,
        p.c_row);
}

void multiply_block(GemmSpace* spaces, const BlockProduct<double>& p) {
  int64_t rows = divide_up(p.m, GemmTile::kRows), columns = divide_up(p.n, GemmTile::kColumns);
  parallel_for_slots(rows * columns, 1, [&](int slot, int64_t begin, int64_t end) {
    auto* sum = reinterpret_cast<double*>(spaces[slot].sum);
    for (int64_t t = begin; t < end; ++t) {
      int64_t i = t / columns * GemmTile::kRows, j = t % columns * GemmTile::kColumns;
      int64_t m = std::min(GemmTile::kRows, p.m - i), n = std::min(GemmTile::kColumns, p.n - j);
      int64_t a_row = p.a_transposed ? 1 : p.a_row, a_column = p.a_transposed ? p.a_row : 1;
      int64_t b_row = p.b_transposed ? 1 : p.b_row, b_column = p.b_transposed ? p.b_row : 1;
      if (p.k == 0) std::fill_n(sum, m * n, 0.0);
      loops().gemm_tile({DType::kF64, p.a + i * a_row, p.b + j * b_column, a_row, a_column, b_row, b_column, m, n, p.k,
                         sum, n, spaces[slot].panels});
      for (int64_t r = 0; r < m; ++r)
        for (int64_t c = 0; c < n; ++c) {
          double& out = p.c[(i + r) * p.c_row + j + c];
          out = (p.add ? out : 0.0) + p.alpha * sum[r * n + c];
        }
    }
  });
}

#define LINESHAFT_INSTANTIATE(T)                                                                                       \
  template HeadRows<const T> head_rows<T>(Context&, const TensorView&);                                                \
  template class HeadResult<T>;                                                                                        \
  template struct AttentionProblem<T>;                                                                                 \
  template AttentionProblem<T> attention_problem<T>(Context&, const TensorView&, const TensorView&, const TensorView&, \
                                                    const TensorView&, const AttentionParams&);
LINESHAFT_INSTANTIATE(float)
LINESHAFT_INSTANTIATE(double)
#undef LINESHAFT_INSTANTIATE

}  // namespace lineshaft::cpu
