// Converts indices to checked offsets, for gather and scatter.
#pragma once

#include "backends/cpu/context.h"

namespace lineshaft::cpu {

class IndexResolver {
 public:
  static constexpr int64_t kOutside = INT64_MIN;
  static constexpr int64_t kRun = 512;  // positions resolved at once

  IndexResolver(Context& context, List<TensorView> indices, List<int64_t> index_strides, List<int64_t> bounds,
                bool wrap);

  // Resolves `count` positions, at most kRun. The elements of index j for these positions begin at element at[j] and
  // are steps(j) elements apart. result[k] = sum over j of index * index_stride, or kOutside where an index is outside
  // its bound; that is then reported. Returns whether all indices are inside.
  template <class Steps>
  bool resolve(const int64_t* at, Steps&& steps, int64_t count, int64_t* result) const {
    bool inside = resolve_index(0, at[0], steps(0), count, result);
    for (int j = 1; j < count_; ++j) inside &= resolve_index(j, at[j], steps(j), count, result);
    return inside;
  }

 private:
  struct Index {
    const std::byte* data;
    bool wide;  // i64
    int64_t stride, bound;
  };
  bool resolve_index(int j, int64_t at, int64_t step, int64_t count, int64_t* result) const;
  template <class T>
  bool resolve_typed(int j, const T* index, int64_t step, int64_t count, int64_t* result) const;

  Context& context_;
  int count_;
  bool wrap_;
  std::array<Index, kMaxRank> indices_{};
};

}  // namespace lineshaft::cpu
