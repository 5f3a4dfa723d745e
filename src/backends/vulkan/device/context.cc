#include "backends/vulkan/device/context.h"

#include <algorithm>

#include "backends/vulkan/program/lacks_f64.h"
#include "base/divide.h"
#include "lineshaft/program/program_cache.h"
#include "program/compose.h"

namespace lineshaft::vulkan {
namespace {

constexpr int64_t kDenseAlignment = 256;  // the most that Vulkan lets a device ask of storage and texel buffers

}  // namespace

void Context::require_f64(const char* what) const {
  if (!features().f64) throw LacksF64(what);
}

TensorView Context::scratch(DType dtype, std::span<const int64_t> sizes) {
  TensorView view = contiguous_view({}, dtype, sizes);
  view.buffer = memory_.create_scratch(std::max<int64_t>(view.numel() * size_of(dtype), 16));
  return view;
}

bool Context::is_dense(const TensorView& view, DType dtype) const {
  return view.dtype == dtype && view.is_contiguous() && view.offset % kDenseAlignment == 0;
}

TensorView Context::dense(const TensorView& view, DType dtype) {
  if (is_dense(view, dtype)) return view;
  TensorView copied = scratch(dtype, view.shape());
  copy(view, copied);
  return copied;
}

TensorView Context::dense_output(const TensorView& view, DType dtype) {
  if (is_dense(view, dtype)) return view;
  return scratch(dtype, view.shape());
}

void Context::store(const TensorView& computed, const TensorView& view) {
  if (!(computed.buffer == view.buffer)) copy(computed, view);
}

void Context::copy(const TensorView& from, const TensorView& to) {
  map(cast_program(from.dtype, to.dtype), List<TensorView>(&from, 1), List<TensorView>(&to, 1));
}

void Context::fill(const TensorView& view, double value) {
  static ProgramCache cache;
  ProgramRef program =
      cache.get(key_of(view.dtype), [&](ProgramBuilder& p) { p.output(p.arg(DType::kF32), view.dtype); });
  Scalar arg = Scalar::of(value);
  map(program, {}, List<TensorView>(&view, 1), List<Scalar>(&arg, 1));
}

void Context::map(ProgramRef program, List<TensorView> inputs, List<TensorView> outputs, List<Scalar> args) {
  run_map(*this, program, inputs, outputs, args);
}

int64_t Context::aligned_begin(const TensorView& view) const {
  return byte_range(view).begin / kDenseAlignment * kDenseAlignment;
}

int64_t Context::base_of(const TensorView& view) const {
  return (view.offset - aligned_begin(view)) / size_of(view.dtype);
}

Range Context::range_of(const Operand& operand) {
  Place place = memory_.place(operand.view.buffer);
  int64_t begin = aligned_begin(operand.view), end = byte_range(operand.view).end;
  int64_t size = std::min(round_up(end - begin, 16), place.size - begin);
  element_count(std::max<int64_t>(size - 2 * kDenseAlignment, 0) / size_of(operand.view.dtype));
  return {place, place.offset + begin, std::max<int64_t>(size, 16), operand.written};
}

void Context::finish(const TensorView& computed, const Epilogue& epilogue, const TensorView& output) {
  if (!epilogue.program) return store(computed, output);
  if (computed.dtype != epilogue.program->inputs[0])
    return finish(cast_program(computed.dtype, epilogue.program->inputs[0]), {computed}, epilogue, output);
  std::vector<TensorView> inputs{computed};
  inputs.insert(inputs.end(), epilogue.inputs.begin(), epilogue.inputs.end());
  map(epilogue.program, inputs, List<TensorView>(&output, 1), epilogue.args);
}

void Context::finish(ProgramRef program, const std::vector<TensorView>& inputs, const Epilogue& epilogue,
                     const TensorView& output) {
  size_t views = inputs.size() + epilogue.inputs.size() + 1;
  if (views >= features().limits.maxPerStageDescriptorStorageBuffers) {  // one is for parameters
    TensorView result = scratch(program->outputs[0], output.shape());
    map(program, inputs, List<TensorView>(&result, 1));
    return finish(result, epilogue, output);
  }
  std::vector<Wire> wires(epilogue.program->inputs.size());
  wires[0] = {Wire::kFirstOutput, 0};
  for (size_t i = 1; i < wires.size(); ++i) wires[i] = {Wire::kNewInput, static_cast<uint8_t>(i - 1)};
  const uint8_t replaced[] = {0};
  std::vector<TensorView> all = inputs;
  all.insert(all.end(), epilogue.inputs.begin(), epilogue.inputs.end());
  map(compose(program, epilogue.program, wires, replaced), all, List<TensorView>(&output, 1), epilogue.args);
}

void Context::run_kernel(const KernelCall& call, std::span<const std::byte> push) {
  std::vector<Range> storage;
  std::vector<TexelRange> texels;
  for (const Operand& operand : call.operands) storage.push_back(range_of(operand));
  for (const TensorView& view : call.texels) {
    texels.push_back({.range = range_of(in(view))});
    int64_t count = texels.back().range.size / 16, limit = features().limits.maxTexelBufferElements;
    if (count > limit)
      fail(ErrorCode::kUnsupported, "a tensor of ", count, " texels passes the ", limit,
           " that this device binds at once; use a smaller batch, or the cpu device");
  }
  LayoutShape shape = layout_of(features(), storage, texels.size(), call.index_errors);
  recorder_.dispatch({.kernel = call.kernel,
                      .pipeline = &pipelines_.kernel(call.kernel, shape, call.constants, call.full_subgroups),
                      .turns = call.turns,
                      .storage = storage,
                      .texels = texels,
                      .index_errors = call.index_errors,
                      .params = call.params,
                      .push = push,
                      .groups = call.groups});
}

Groups Context::groups_for(int64_t count, int64_t local) const {
  int64_t groups = std::max<int64_t>(divide_up(count, local), 1);
  int64_t x = std::min<int64_t>(groups, 32768), y = divide_up(groups, x);
  if (y > 65535)
    fail(ErrorCode::kUnsupported, "a tensor of ", count,
         " elements passes what one dispatch covers; use a smaller batch");
  return {static_cast<uint32_t>(x), static_cast<uint32_t>(y), 1};
}

}  // namespace lineshaft::vulkan
