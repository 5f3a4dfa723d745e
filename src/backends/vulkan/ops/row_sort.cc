#include "backends/vulkan/ops/row_sort.h"

#include <utility>

#include "backends/vulkan/planning/index_space.h"
#include "base/divide.h"

namespace lineshaft::vulkan {
namespace {

constexpr int64_t kRun = 16;  // as in sort_runs.comp

std::string by_width(std::string_view kernel, DType type) {
  return std::string(kernel) + (size_of(type) == 8 ? "_b8" : "_b4");
}

}  // namespace

KeyKind key_kind(DType type) {
  return is_float(type) ? KeyKind::kFloat : KeyKind::kInteger;
}

SortedRows sort_rows(Context& context, const TensorView& source, int64_t rows, int64_t length, KeyKind kind,
                     bool descending) {
  uint32_t count = element_count(rows * length);
  DType key_type = size_of(source.dtype) == 8 ? DType::kI64 : DType::kI32;
  auto make = [&] {
    return SortedRows{context.scratch(key_type, {rows * length}), context.scratch(DType::kI32, {rows * length})};
  };
  SortedRows sorted = make(), spare = make();
  int64_t runs = divide_up(length, kRun);
  struct {
    uint32_t rows, length, runs;
  } start{static_cast<uint32_t>(rows), static_cast<uint32_t>(length), static_cast<uint32_t>(runs)};
  context.run_kernel({.kernel = by_width("sort_runs", source.dtype),
                      .turns = loop(kRun, loop(kRun)) + loop(kRun),
                      .operands = {in(source), out(sorted.keys), out(sorted.positions)},
                      .constants = {static_cast<uint32_t>(kind), descending},
                      .groups = context.groups_for(rows * runs, 64)},
                     start);
  for (int64_t width = kRun; width < length; width *= 2) {
    struct {
      uint32_t count, length, width;
    } push{count, static_cast<uint32_t>(length), static_cast<uint32_t>(width)};
    context.run_kernel({.kernel = by_width("sort_merge", source.dtype),
                        .turns = loop(32),
                        .operands = {in(sorted.keys), in(sorted.positions), out(spare.keys), out(spare.positions)},
                        .groups = context.groups_for(count, 64)},
                       push);
    std::swap(sorted, spare);
  }
  return sorted;
}

void store_sorted(Context& context, const SortedRows& sorted, const TensorView& source, int64_t rows, int64_t length,
                  int64_t kept, int axis, const TensorView& values, const TensorView& indices) {
  TensorView indices_view = axis_last(indices, axis);
  TensorView positions = context.dense_output(indices_view, DType::kI64);
  struct {
    uint32_t count, length, kept;
  } push{element_count(rows * kept), static_cast<uint32_t>(length), static_cast<uint32_t>(kept)};
  Groups groups = context.groups_for(rows * kept, 64);
  context.run_kernel({.kernel = "sort_positions",
                      .turns = kNoLoops,
                      .operands = {in(sorted.positions), out(positions)},
                      .groups = groups},
                     push);
  context.store(positions, indices_view);
  if (!values) return;
  TensorView values_view = axis_last(values, axis);
  TensorView computed = context.dense_output(values_view, source.dtype);
  context.run_kernel({.kernel = by_width("sort_values", source.dtype),
                      .turns = kNoLoops,
                      .operands = {in(sorted.positions), in(source), out(computed)},
                      .groups = groups},
                     push);
  context.store(computed, values_view);
}

}  // namespace lineshaft::vulkan
