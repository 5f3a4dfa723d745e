// Splitting operations on more elements than kernels can address into parts along an axis.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "backends/vulkan/planning/elements.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft::vulkan {

// The view with only `count` coordinates along an axis, from `first` on. A view of size 1 on that axis is returned
// unchanged.
inline TensorView narrowed(const TensorView& view, int axis, int64_t first, int64_t count) {
  if (!view || view.sizes[axis] == 1) return view;
  TensorView part = view;
  part.offset += first * view.strides[axis] * size_of(view.dtype);
  part.sizes[axis] = count;
  return part;
}

// A visitor that narrows views. It owns the lists of narrowed views.
class AlongAxis {
 public:
  AlongAxis(int axis, int64_t first, int64_t count) : axis_(axis), first_(first), count_(count) {}

  void input(const char*, TensorView& view) { view = narrowed(view, axis_, first_, count_); }
  void input(const char*, List<TensorView>& views) {
    auto& kept = lists_.emplace_back(views.begin(), views.end());
    for (TensorView& view : kept) view = narrowed(view, axis_, first_, count_);
    views = kept;
  }
  template <class Views>
  void output(const char* name, Views& views) {
    input(name, views);
  }
  template <class Views>
  void inout(const char* name, Views& views) {
    input(name, views);
  }
  template <class T>
  void param(const char*, T&) {}

 private:
  int axis_;
  int64_t first_, count_;
  std::deque<std::vector<TensorView>> lists_;
};

// A visitor that finds the view with the most elements.
struct LargestView {
  TensorView view;

  void input(const char*, const TensorView& other) {
    if (other && (!view || other.numel() > view.numel())) view = other;
  }
  void input(const char* name, const List<TensorView>& views) {
    for (const TensorView& each : views) input(name, each);
  }
  template <class Views>
  void output(const char* name, const Views& views) {
    input(name, views);
  }
  template <class Views>
  void inout(const char* name, const Views& views) {
    input(name, views);
  }
  template <class T>
  void param(const char*, const T&) {}
};

template <class Op>
TensorView largest_view(const Op& op) {
  LargestView largest;
  Op::fields(op, largest);
  return largest.view;
}

// The longest axis in the mask; -1 where all have size 1.
inline int longest_axis(const TensorView& view, uint32_t axes) {
  int longest = -1;
  for (int i = 0; i < view.rank; ++i)
    if ((axes >> i & 1) && view.sizes[i] > 1 && (longest < 0 || view.sizes[i] > view.sizes[longest])) longest = i;
  return longest;
}

// Calls run(part, first) for both halves of the operation along an axis; `first` is the part's first coordinate.
template <class Op, class Run>
void in_halves(const Op& op, int axis, int64_t size, Run&& run) {
  for (int64_t first : {int64_t{0}, size / 2}) {
    Op part = op;
    AlongAxis half(axis, first, first ? size - first : size / 2);
    Op::fields(part, half);
    run(part, first);
  }
}

// Whether a view of the operation has more elements than kernels can address.
template <class Op>
bool is_too_large(const Op& op) {
  TensorView largest = largest_view(op);
  return largest && largest.numel() > most_elements();
}

// The mask of all axes except one.
inline uint32_t axes_without(int axis) {
  return ~(1u << axis);
}

}  // namespace lineshaft::vulkan
