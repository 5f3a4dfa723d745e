// Operations on more elements than kernels count, in parts along an axis.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "backends/vulkan/planning/elements.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft::vulkan {

// `count` of the view from `first` on along an axis; the view itself where it has one there for all.
inline TensorView narrowed(const TensorView& view, int axis, int64_t first, int64_t count) {
  if (!view || view.sizes[axis] == 1) return view;
  TensorView part = view;
  part.offset += first * view.strides[axis] * size_of(view.dtype);
  part.sizes[axis] = count;
  return part;
}

// A visitor that narrows views, and keeps the lists that it makes of them.
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

// A visitor that finds the view of most elements.
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

// The longest of the axes in the mask, or -1 where none is longer than 1.
inline int longest_axis(const TensorView& view, uint32_t axes) {
  int longest = -1;
  for (int i = 0; i < view.rank; ++i)
    if ((axes >> i & 1) && view.sizes[i] > 1 && (longest < 0 || view.sizes[i] > view.sizes[longest])) longest = i;
  return longest;
}

// Runs `run` on both halves of the operation along an axis: run(part, first), `first` counting along the axis.
template <class Op, class Run>
void in_halves(const Op& op, int axis, int64_t size, Run&& run) {
  for (int64_t first : {int64_t{0}, size / 2}) {
    Op part = op;
    AlongAxis half(axis, first, first ? size - first : size / 2);
    Op::fields(part, half);
    run(part, first);
  }
}

// Whether kernels do not count so far as the operation has elements.
template <class Op>
bool is_too_large(const Op& op) {
  TensorView largest = largest_view(op);
  return largest && largest.numel() > most_elements();
}

// Every axis but one.
inline uint32_t axes_without(int axis) {
  return ~(1u << axis);
}

}  // namespace lineshaft::vulkan
