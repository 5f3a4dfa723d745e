#include "backends/cpu/dnn/staged_result.h"

#include <algorithm>
#include <numeric>

#include "backends/cpu/program/map_run.h"
#include "lineshaft/base/inline_vector.h"

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
  view_.buffer = {};
  view_.offset = 0;
  view_.strides = dense_strides_like(output);
  data_ = context.scratch(output.numel() * size_of(view_.dtype));
}

void StagedResult::finish(int64_t begin, int64_t end) {
  if (!epilogue_.program || (in_output_ && is_identity(epilogue_.program))) return;
  InlineVector<TensorView, 4> views;
  InlineVector<std::byte*, 8> addresses;
  auto add = [&](const TensorView& view, std::byte* data) {
    views.push_back(view);
    if (view.rank > 0) {
      data += begin * view.strides[0] * size_of(view.dtype);
      views.back().sizes[0] = end - begin;
    }
    addresses.push_back(data);
  };
  add(view_, static_cast<std::byte*>(data_));
  for (const TensorView& input : epilogue_.inputs) add(input, context_.data(input));
  add(output_, context_.data(output_));
  List<TensorView> inputs(views.data(), views.size() - 1), outputs(&views.back(), 1);
  run_map(MapRun(context_, epilogue_.program, inputs, outputs, epilogue_.args, {addresses.data(), addresses.size()}));
}

}  // namespace lineshaft::cpu
