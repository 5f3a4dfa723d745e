#include "lineshaft/ops/scan.h"

#include <cmath>
#include <vector>

#include "backends/cpu/parallel.h"
#include "backends/cpu/program/aligned_memory.h"
#include "backends/cpu/program/epilogue.h"
#include "backends/cpu/program/lines.h"
#include "backends/cpu/program/map_run.h"
#include "backends/cpu/program/staged.h"
#include "base/divide.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kScanGrain = 8192;  // elements that outweigh starting a thread

// log(exp(a) + exp(b)) without overflow; an infinity or NaN passes.
template <class T>
T log_add_exp(T a, T b) {
  T high = a > b || a != a ? a : b, low = a > b || a != a ? b : a;
  if (low != low) return low;
  if (std::isinf(high)) return high;
  return high + std::log1p(std::exp(low - high));
}

// What runs along a line: f64 for floats, so that long lines do not drift.
template <class A>
using Running = std::conditional_t<std::is_floating_point_v<A>, double, A>;

// A line of `rows` elements, each of `cols` lines side by side, in place, first to last or last to first.
template <class A, class F>
void run_forward(A* data, int64_t rows, int64_t cols, bool reverse, F join) {
  int64_t step = reverse ? -cols : cols;
  A* row = reverse ? data + (rows - 1) * cols : data;
  if (cols == 1) {
    Running<A> total = *row;
    for (int64_t r = 1; r < rows; ++r) {
      row += step;
      *row = static_cast<A>(total = join(total, static_cast<Running<A>>(*row)));
    }
    return;
  }
  std::vector<Running<A>> totals(row, row + cols);
  for (int64_t r = 1; r < rows; ++r) {
    row += step;
    for (int64_t c = 0; c < cols; ++c)
      row[c] = static_cast<A>(totals[c] = join(totals[c], static_cast<Running<A>>(row[c])));
  }
}

// The position of the last best value so far; NaN wins and stays.
template <class A>
void run_extreme(A* data, int64_t* index, int64_t rows, int64_t cols, bool reverse, bool largest) {
  int64_t first = reverse ? rows - 1 : 0, step = reverse ? -1 : 1;
  for (int64_t c = 0; c < cols; ++c) index[first * cols + c] = first;
  for (int64_t r = 1, at = first + step; r < rows; ++r, at += step) {
    A *now = data + at * cols, *before = now - step * cols;
    int64_t *here = index + at * cols, *there = here - step * cols;
    for (int64_t c = 0; c < cols; ++c) {
      bool nan = now[c] != now[c], was_nan = before[c] != before[c];
      bool takes = nan || (!was_nan && (largest ? now[c] >= before[c] : now[c] <= before[c]));
      here[c] = takes ? at : there[c];
      now[c] = takes ? now[c] : before[c];
    }
  }
}

template <class A>
void run_block(const Scan& op, A* data, int64_t* index, int64_t rows, int64_t cols) {
  switch (op.kind) {
    case ScanKind::kSum:
      if constexpr (!std::is_integral_v<A>) {  // a sum begins with 0: -0 alone gives 0
        A* first = op.reverse ? data + (rows - 1) * cols : data;
        for (int64_t c = 0; c < cols; ++c) first[c] += A(0);
      }
      return run_forward(data, rows, cols, op.reverse, [](auto a, auto b) {
        if constexpr (std::is_integral_v<A>)
          return static_cast<A>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
        else
          return a + b;
      });
    case ScanKind::kProd:
      return run_forward(data, rows, cols, op.reverse, [](auto a, auto b) {
        if constexpr (std::is_integral_v<A>)
          return static_cast<A>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
        else
          return a * b;
      });
    case ScanKind::kLogSumExp:
      if constexpr (!std::is_integral_v<A>) run_forward(data, rows, cols, op.reverse, log_add_exp<double>);
      return;
    default:
      return run_extreme(data, index, rows, cols, op.reverse, op.kind == ScanKind::kMax);
  }
}

// The accumulating type: f32, f64 or i64. Every storage type comes to it through one map and leaves it through another,
// tile by tile of lines.
template <class A>
void run_lines(const Scan& op, const Staged& in, const Staged& out, std::byte* indices, DType type) {
  const TensorView& positions = op.indices ? op.indices : out.view;
  Lines lines(op.axis, {&out.view, &in.view, &positions});
  BlockKernel load = kernels().load[static_cast<int>(in.view.dtype)];
  BlockKernel store = kernels().store[static_cast<int>(out.view.dtype)];
  BlockKernel store_index = kernels().store[static_cast<int>(DType::kI64)];
  int64_t in_size = size_of(in.view.dtype), out_size = size_of(out.view.dtype);
  int64_t n = lines.length, cols = lines.space.cols, block = n * cols;
  bool extreme = op.kind == ScanKind::kMax || op.kind == ScanKind::kMin;
  parallel_for(lines.space.tile_count(), std::max<int64_t>(1, kScanGrain / block), [&](int64_t begin, int64_t end) {
    AlignedMemory memory(block * (size_of(type) + (extreme ? 8 : 0)) + 64);
    auto* data = reinterpret_cast<A*>(memory.get());
    auto* index = reinterpret_cast<int64_t*>(memory.get() + round_up(block * size_of(type), 8));
    TileWalker walker(lines.space, begin);
    for (int64_t tile = begin;;) {
      int64_t count = walker.cols();
      load({data, in.data + walker.offset(1) * in_size, n, count, lines.strides[1], lines.space.col_stride(1)});
      run_block(op, data, index, n, count);
      store({data, out.data + walker.offset(0) * out_size, n, count, lines.strides[0], lines.space.col_stride(0)});
      if (op.indices)
        store_index({index, indices + walker.offset(2) * 8, n, count, lines.strides[2], lines.space.col_stride(2)});
      if (++tile == end) break;
      walker.next();
    }
  });
}

DType accumulating_type(const Scan& op) {
  DType type = compute_type(op.input.dtype);
  if (op.kind == ScanKind::kMax || op.kind == ScanKind::kMin) return type;
  if (is_float(type)) return computing_type({&op.input, &op.output});
  return DType::kI64;
}

}  // namespace

void run(Context& context, const Scan& op) {
  if (op.output.numel() == 0) return;
  DType type = accumulating_type(op);
  Staged in = stage_input(context, op.input, type), out = stage_output(context, op.output, type);
  std::byte* indices = op.indices ? context.data(op.indices) : nullptr;
  switch (type) {
    case DType::kF64:
      run_lines<double>(op, in, out, indices, type);
      break;
    case DType::kF32:
      run_lines<float>(op, in, out, indices, type);
      break;
    case DType::kI64:
      run_lines<int64_t>(op, in, out, indices, type);
      break;
    case DType::kI32:
      run_lines<int32_t>(op, in, out, indices, type);
      break;
    default:
      run_lines<uint8_t>(op, in, out, indices, type);
  }
  commit_output(context, out, op.output);
}

}  // namespace lineshaft::cpu
