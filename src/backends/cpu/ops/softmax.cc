#include "lineshaft/ops/softmax.h"

#include "backends/cpu/parallel.h"
#include "backends/cpu/program/aligned_memory.h"
#include "backends/cpu/program/lines.h"
#include "backends/cpu/program/staged.h"
#include "backends/cpu/simd/softmax_kernels.h"
#include "base/divide.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kSoftmaxGrain = 4096;  // elements that outweigh starting a thread

void run_lines(const Staged& in, const Staged& out, const Softmax& op, DType type) {
  Lines lines(op.axis, {&out.view, &in.view});
  const SoftmaxKernels& softmax = softmax_kernels(type);
  BlockKernel load = kernels().load[static_cast<int>(in.view.dtype)];
  BlockKernel store = kernels().store[static_cast<int>(out.view.dtype)];
  int64_t in_size = size_of(in.view.dtype), out_size = size_of(out.view.dtype), size = size_of(type);
  int64_t n = lines.length, cols = lines.space.cols, block = n * cols;
  int64_t work = round_up(block * size, 64);  // where the kernels' own memory begins, which holds doubles
  bool run_out = !lines.side_by_side && lines.strides[0] == 1 && out.view.dtype == type;
  bool run_in = run_out && lines.strides[1] == 1 && in.view.dtype == type;
  parallel_for(lines.space.tile_count(), std::max<int64_t>(1, kSoftmaxGrain / block), [&](int64_t begin, int64_t end) {
    AlignedMemory memory(run_out ? 0 : work + cols * kSoftmaxWorkBytes);
    TileWalker walker(lines.space, begin);
    for (int64_t tile = begin;;) {
      std::byte *from = in.data + walker.offset(1) * in_size, *to = out.data + walker.offset(0) * out_size;
      if (run_in) {
        softmax.line(from, to, n, op.log);
      } else if (!lines.side_by_side) {
        std::byte* line = run_out ? to : memory.get();
        load({line, from, 1, n, 0, lines.strides[1]});
        softmax.line(line, line, n, op.log);
        if (!run_out) store({line, to, 1, n, 0, lines.strides[0]});
      } else {
        int64_t count = walker.cols();
        load({memory.get(), from, n, count, lines.strides[1], lines.space.col_stride(1)});
        softmax.columns(memory.get(), n, count, op.log, memory.get() + work);
        store({memory.get(), to, n, count, lines.strides[0], lines.space.col_stride(0)});
      }
      if (++tile == end) break;
      walker.next();
    }
  });
}

}  // namespace

void run(Context& context, const Softmax& op) {
  if (op.output.numel() == 0) return;
  DType type = computing_type({&op.input, &op.output});
  Staged in = stage_input(context, op.input, type), out = stage_output(context, op.output, type);
  run_lines(in, out, op, type);
  commit_output(context, out, op.output);
}

}  // namespace lineshaft::cpu
