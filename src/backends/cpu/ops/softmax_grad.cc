#include "lineshaft/ops/softmax_grad.h"

#include "backends/cpu/parallel.h"
#include "backends/cpu/program/aligned_memory.h"
#include "backends/cpu/program/lines.h"
#include "backends/cpu/program/staged.h"
#include "backends/cpu/simd/softmax_kernels.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kSoftmaxGradGrain = 8192;  // elements that outweigh starting a thread

struct Operands {
  Staged grad, result, out;
};

void run_lines(const Operands& o, const SoftmaxGrad& op, DType type) {
  Lines lines(op.axis, {&o.out.view, &o.grad.view, &o.result.view});
  const SoftmaxKernels& softmax = softmax_kernels(type);
  BlockKernel load_grad = kernels().load[static_cast<int>(o.grad.view.dtype)];
  BlockKernel load_result = kernels().load[static_cast<int>(o.result.view.dtype)];
  BlockKernel store = kernels().store[static_cast<int>(o.out.view.dtype)];
  int64_t out_size = size_of(o.out.view.dtype), grad_size = size_of(o.grad.view.dtype);
  int64_t result_size = size_of(o.result.view.dtype), size = size_of(type);
  int64_t n = lines.length, cols = lines.space.cols, block = n * cols;
  bool runs = !lines.side_by_side;
  for (int k = 0; k < 3; ++k) runs &= lines.strides[k] == 1;
  runs &= o.out.view.dtype == type && o.grad.view.dtype == type && o.result.view.dtype == type;
  parallel_for(lines.space.tile_count(), std::max<int64_t>(1, kSoftmaxGradGrain / block),
               [&](int64_t begin, int64_t end) {
                 AlignedMemory memory(runs ? 0 : 2 * block * size + cols * kSoftmaxWorkBytes);
                 std::byte *g = memory.get(), *y = g + block * size;
                 TileWalker walker(lines.space, begin);
                 for (int64_t tile = begin;;) {
                   std::byte* to = o.out.data + walker.offset(0) * out_size;
                   std::byte *grad = o.grad.data + walker.offset(1) * grad_size,
                             *result = o.result.data + walker.offset(2) * result_size;
                   if (runs) {
                     softmax.grad_line(grad, result, to, n, op.log);
                   } else if (!lines.side_by_side) {
                     load_grad({g, grad, 1, n, 0, lines.strides[1]});
                     load_result({y, result, 1, n, 0, lines.strides[2]});
                     softmax.grad_line(g, y, g, n, op.log);
                     store({g, to, 1, n, 0, lines.strides[0]});
                   } else {
                     int64_t count = walker.cols();
                     load_grad({g, grad, n, count, lines.strides[1], lines.space.col_stride(1)});
                     load_result({y, result, n, count, lines.strides[2], lines.space.col_stride(2)});
                     softmax.grad_columns(g, y, n, count, op.log, y + block * size);
                     store({g, to, n, count, lines.strides[0], lines.space.col_stride(0)});
                   }
                   if (++tile == end) break;
                   walker.next();
                 }
               });
}

}  // namespace

void run(Context& context, const SoftmaxGrad& op) {
  if (op.grad_input.numel() == 0) return;
  DType type = computing_type({&op.grad_output, &op.output, &op.grad_input});
  Operands operands{stage_input(context, op.grad_output, type), stage_input(context, op.output, type),
                    stage_output(context, op.grad_input, type)};
  run_lines(operands, op, type);
  commit_output(context, operands.out, op.grad_input);
}

}  // namespace lineshaft::cpu
