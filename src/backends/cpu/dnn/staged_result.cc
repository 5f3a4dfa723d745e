#include "backends/cpu/dnn/staged_result.h"

#include <algorithm>
#include <numeric>

namespace lineshaft::cpu {

std::array<int64_t, kMaxRank> dense_strides_like(const TensorView& view) {
  std::array<int, kMaxRank> order{};
  std::iota(order.begin(), order.begin() + view.rank, 0);
  std::stable_sort(order.begin(), order.begin() + view.rank,
                   [&](int a, int b) { return view.strides[a] > view.strides[b]; });
  std::array<int64_t, kMaxRank> strides{};
  int64_t stride = 1;
  for (int i = view.rank - 1; i >= 0; --i) {
    strides[order[i]] = stride;
    stride *= std::max<int64_t>(view.sizes[order[i]], 1);
  }
  return strides;
}

StagedResult::StagedResult(Context& context, const TensorView& output, const Epilogue& epilogue)
    : context_(context), output_(output), epilogue_(epilogue), view_(output) {
  view_.dtype = epilogue.program ? epilogue.program->inputs[0] : output.dtype;
  in_output_ = view_.dtype == output.dtype && std::ranges::none_of(epilogue.inputs, [&](const TensorView& input) {
                 return overlap(input, output) != Overlap::kDisjoint;
               });
  if (in_output_) {
    data_ = context.data(output);
    return;
  }
  view_.buffer = ScratchBuffer::kId;
  view_.offset = 0;
  view_.strides = dense_strides_like(output);
  data_ = context.scratch(output.numel() * size_of(view_.dtype));
}

void StagedResult::finish() {
  if (!epilogue_.program || (in_output_ && is_identity(epilogue_.program))) return;
  std::vector<TensorView> inputs{view_};
  inputs.insert(inputs.end(), epilogue_.inputs.begin(), epilogue_.inputs.end());
  ScratchBuffer context(context_, data_);
  run(static_cast<Context&>(context), Map{epilogue_.program, inputs, List<TensorView>(&output_, 1), epilogue_.args});
}

}  // namespace lineshaft::cpu
