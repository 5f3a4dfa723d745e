#include "csrc/core/map.h"

#include <ATen/MemoryOverlap.h>
#include <c10/util/strides.h>

#include <algorithm>

namespace lineshaft::torch {
namespace {

using Refs = c10::SmallVector<frontend::TensorRef, 6>;

// Throws where PyTorch refuses an input that partly overlaps an output. What only Lineshaft cannot tell apart is copied
// later.
void require_apart(const at::Tensor& output, const at::Tensor& input) {
  if (output.dim() > kMaxRank || overlap(view_of(input, output.sizes()), view_of(output)) == Overlap::kPartial)
    at::assert_no_partial_overlap(output, input);
}

void require_apart(Tensors outputs, Tensors inputs, const Refs& out, const Refs& in) {
  for (size_t i = 0; i < in.size(); ++i)
    for (size_t k = 0; k < out.size(); ++k)
      if (in[i].buffer == out[k].buffer) [[unlikely]]
        require_apart(*outputs[k], *inputs[i]);
}

List<frontend::TensorRef> list_of(const Refs& refs) {
  return {refs.data(), refs.size()};
}

// Scalar::to throws for what the C++ type cannot hold.
void require_range(const c10::Scalar& value, DType type) {
  if (value.isComplex()) return;
  switch (type) {
    case DType::kF32:
      value.to<float>();
      break;
    case DType::kF16:
      value.to<c10::Half>();
      break;
    case DType::kBF16:
      value.to<c10::BFloat16>();
      break;
    case DType::kI64:
      value.to<int64_t>();
      break;
    case DType::kI32:
      value.to<int32_t>();
      break;
    case DType::kI16:
      value.to<int16_t>();
      break;
    case DType::kI8:
      value.to<int8_t>();
      break;
    case DType::kU8:
      value.to<uint8_t>();
      break;
    default:
      break;
  }
}

}  // namespace

void record_map(ProgramRef program, std::initializer_list<const at::Tensor*> outputs,
                std::initializer_list<const at::Tensor*> inputs, List<lineshaft::Scalar> args) {
  record_map(program, Tensors(outputs), Tensors(inputs), args);
}

void record_map(ProgramRef program, Tensors outputs, Tensors inputs, List<lineshaft::Scalar> args) {
  if (outputs[0]->numel() == 0) return;
  Refs out, in;
  for (const auto* output : outputs) {
    if (!output->is_non_overlapping_and_dense()) at::assert_no_internal_overlap(*output);
    out.push_back(ref_of(*output));
  }
  for (const auto* input : inputs) in.push_back(ref_of(*input));
  require_apart(outputs, inputs, out, in);
  frontend::record_map(stream_of(*outputs[0]), program, list_of(out), list_of(in), args);
}

lineshaft::Scalar argument(const c10::Scalar& value, DType type) {
  TORCH_CHECK(!value.isComplex() || value.toComplexDouble().imag() == 0,
              "lineshaft does not compute in complex numbers");
  if (value.isComplex()) return frontend::argument(value.toComplexDouble().real(), type);
  if (value.isFloatingPoint()) return frontend::argument(value.toDouble(), type);
  return frontend::argument(value.toLong(), type);
}

lineshaft::Scalar checked_argument(const c10::Scalar& value, DType type) {
  require_range(value, is_float(type) ? compute_type(type) : type);
  return argument(value, type);
}

lineshaft::Scalar stored_argument(const c10::Scalar& value, DType type) {
  require_range(value, type);
  return argument(value, type);
}

c10::DimVector result_strides(c10::IntArrayRef sizes, Tensors inputs) {
  bool row_major = std::all_of(inputs.begin(), inputs.end(), [](const at::Tensor* t) { return t->is_contiguous(); });
  if (row_major) return c10::contiguous_strides(sizes);
  Refs refs;
  for (const auto* input : inputs)
    refs.push_back({.sizes = {input->sizes().data(), input->sizes().size()},
                    .strides = {input->strides().data(), input->strides().size()}});
  auto strides = frontend::result_strides({sizes.data(), sizes.size()}, list_of(refs));
  return {strides.begin(), strides.end()};
}

void resize_result(const at::Tensor& out, c10::IntArrayRef sizes, c10::ScalarType type, Stored how, Tensors inputs) {
  bool fits = out.sizes() == sizes;
  resize_out(out, sizes, type, how);
  if (!fits) out.as_strided_(sizes, result_strides(sizes, inputs));
}

at::Tensor empty_result(c10::IntArrayRef sizes, c10::ScalarType type, Tensors inputs) {
  c10::DeviceIndex device = -1;
  for (const auto* input : inputs)
    if (on_device(*input)) device = input->device().index();
  return empty_strided(sizes, result_strides(sizes, inputs), type, device);
}

}  // namespace lineshaft::torch
