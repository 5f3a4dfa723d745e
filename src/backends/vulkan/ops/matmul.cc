#include "lineshaft/ops/matmul.h"

#include <algorithm>

#include "backends/vulkan/ops/gemm.h"
#include "backends/vulkan/ops/slices.h"
#include "base/divide.h"

namespace lineshaft::vulkan {
namespace {

// A part of a product: from `first` on along each axis.
struct Interval {
  int64_t first = 0, count = 0;
};
struct Block {
  Interval batches, rows, columns, depth;
};

// The sizes of the blocks in which a product is computed: all of it, unless kernels do not count the elements of the
// operands, as they are packed, or of the result. Long sums are added up block by block, as each operand has 64 rows or
// columns once it is packed.
Block sizes_of(int64_t batches, int64_t m, int64_t n, int64_t k) {
  constexpr int64_t kStep = 64, kMostDepth = int64_t{1} << 20;
  int64_t most = most_elements();
  auto padded = [&](int64_t count) { return round_up(count, kStep); };
  auto steps_of = [&](int64_t each) { return std::max(most / each / kStep, int64_t{1}) * kStep; };
  int64_t depth = std::min({k, kMostDepth, steps_of(kStep)});
  int64_t columns = padded(n) * padded(depth) <= most ? n : std::min(n, steps_of(padded(depth)));
  int64_t widest = std::max(padded(depth), n);
  int64_t rows = padded(m) * widest <= most ? m : std::min(m, steps_of(widest));
  bool whole = rows == m && columns == n && depth == k;
  int64_t each = std::max({padded(m) * padded(depth), padded(n) * padded(depth), m * n});
  return {{0, whole ? std::clamp<int64_t>(most / each, 1, batches) : 1}, {0, rows}, {0, columns}, {0, depth}};
}

// Calls `run` for the parts of `size` elements, `step` at a time.
template <class Run>
void in_steps(int64_t size, int64_t step, Run&& run) {
  for (int64_t first = 0; first < size; first += step) run(Interval{first, std::min(step, size - first)});
}

// The operand itself, or a dense copy where it is of another type.
TensorView source_of(Context& context, const TensorView& view, DType type) {
  return view.dtype == type ? view : context.dense(view, type);
}

// A block of it, or a dense copy where its rows lie so far apart that kernels do not count from the first to the last.
TensorView near(Context& context, const TensorView& view) {
  ByteRange range = byte_range(view);
  return (range.end - range.begin) / size_of(view.dtype) < most_elements() ? view : context.dense(view, view.dtype);
}

class MatmulRun {
 public:
  MatmulRun(Context& context, const Matmul& op, const TensorView& result)
      : context_(context),
        result_(result),
        rank_(op.output.rank),
        batches_(rank_ == 3 ? op.output.sizes[0] : 1),
        m_(op.output.sizes[rank_ - 2]),
        n_(op.output.sizes[rank_ - 1]),
        k_(op.a.sizes[rank_ - 1]) {
    DType operand = operand_type(context, op.a.dtype);
    a_ = source_of(context, op.a, operand);
    b_ = source_of(context, op.b, operand);
  }

  void run() {
    Block size = sizes_of(batches_, m_, n_, k_);
    ScratchTurns turns(context_);
    in_steps(batches_, size.batches.count, [&](Interval batches) {
      in_steps(n_, size.columns.count, [&](Interval columns) {
        in_steps(k_, size.depth.count, [&](Interval depth) {
          turns.next();
          run_rows({batches, {0, size.rows.count}, columns, depth});
        });
      });
    });
  }

 private:
  void run_rows(Block block) {
    Packed panels = pack_panels(context_, matrix(b_, block.batches, rank_ - 2, block.depth, rank_ - 1, block.columns));
    ScratchTurns turns(context_);
    in_steps(m_, block.rows.count, [&](Interval rows) {
      turns.next();
      Packed packed = pack_rows(context_, matrix(a_, block.batches, rank_ - 1, block.depth, rank_ - 2, rows));
      int64_t first = (block.batches.first * m_ + rows.first) * n_ + block.columns.first;
      int64_t count = ((block.batches.count - 1) * m_ + rows.count - 1) * n_ + block.columns.count;
      ProductTarget target = target_from(context_, result_, first, count);
      target.row_stride = n_;
      target.batch_stride = m_ * n_;
      multiply(context_, packed, panels, target, rows.count, block.columns.count, block.batches.count,
               block.depth.first > 0);
    });
  }

  // The block's part of an operand, whose axes of the sum and of the result are `k_axis` and `j_axis`.
  MatrixSource matrix(const TensorView& operand, Interval batches, int k_axis, Interval k, int j_axis,
                      Interval j) const {
    auto part_of = [](const TensorView& view, int axis, Interval part) {
      return part.count == view.sizes[axis] ? view : narrowed(view, axis, part.first, part.count);
    };
    TensorView view = part_of(part_of(operand, k_axis, k), j_axis, j);
    if (rank_ == 3) view = part_of(view, 0, batches);
    view = near(context_, view);
    return {.view = view,
            .k = k.count,
            .j = j.count,
            .batches = batches.count,
            .k_stride = view.strides[k_axis],
            .j_stride = view.strides[j_axis],
            .batch_stride = rank_ == 3 && view.sizes[0] > 1 ? view.strides[0] : 0};
  }

  Context& context_;
  const TensorView& result_;
  TensorView a_, b_;
  int rank_;
  int64_t batches_, m_, n_, k_;
};

}  // namespace

void run(Context& context, const Matmul& op) {
  if (op.output.numel() == 0) return;
  DType type = product_type(op.a.dtype);
  if (type == DType::kF64) context.require_f64("matmul");
  TensorView result =
      op.epilogue.program ? context.scratch(type, op.output.shape()) : context.dense_output(op.output, type);
  if (op.a.sizes[op.a.rank - 1] == 0)
    context.fill(result, 0);
  else
    MatmulRun(context, op, result).run();
  context.finish(result, op.epilogue, op.output);
}

}  // namespace lineshaft::vulkan
