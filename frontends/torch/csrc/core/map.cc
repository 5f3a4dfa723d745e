#include "csrc/core/map.h"

#include <ATen/MemoryOverlap.h>
#include <c10/util/strides.h>

#include <numeric>

namespace lineshaft::torch {
namespace {

using Views = c10::SmallVector<TensorView, 6>;
using Vector = c10::SmallVector<int64_t, 16>;

// Inputs that partly overlap an output are refused where PyTorch refuses them, and replaced by copies where only
// Lineshaft cannot tell them apart. Returns the copies, which must live until the map is recorded.
std::vector<at::Tensor> separate(Stream& stream, Tensors outputs, Tensors inputs, Views& in, const Views& out) {
  std::vector<at::Tensor> copies;
  for (size_t i = 0; i < in.size(); ++i) {
    for (size_t k = 0; k < out.size(); ++k) {
      if (in[i].buffer != out[k].buffer || overlap(in[i], out[k]) != Overlap::kPartial) continue;
      at::assert_no_partial_overlap(*outputs[k], *inputs[i]);
      copies.push_back(empty(c10::IntArrayRef(out[k].sizes.data(), out[k].rank), inputs[i]->scalar_type(),
                             inputs[i]->device().index()));
      TensorView copy = view_of(copies.back());
      TensorView sources[] = {in[i]}, targets[] = {copy};
      stream.record(Map{identity_program(in[i].dtype), sources, targets, {}});
      in[i] = copy;
      break;
    }
  }
  return copies;
}

void record_views(ProgramRef program, Tensors outputs, Tensors inputs, Views& in, const Views& out,
                  List<lineshaft::Scalar> args) {
  Stream& stream = stream_of(*outputs[0]);
  auto copies = separate(stream, outputs, inputs, in, out);
  stream.record(Map{program, List<TensorView>(in.data(), in.size()), List<TensorView>(out.data(), out.size()), args});
}

// More than kMaxRank axes: those that step evenly in every operand merge; if too many are left, the outermost are
// looped over.
class HighRank {
 public:
  HighRank(ProgramRef program, Tensors outputs, Tensors inputs, List<lineshaft::Scalar> args)
      : program_(program), outputs_(outputs), inputs_(inputs), args_(args), sizes_(outputs[0]->sizes()) {
    TORCH_CHECK(!program->uses_index, "this lineshaft operator takes at most ", kMaxRank, " axes; got sizes ",
                outputs[0]->sizes());
    for (const auto* tensor : outputs) add(*tensor);
    for (const auto* tensor : inputs) add(*tensor);
    merge();
  }

  void record() { loop(0); }

 private:
  void add(const at::Tensor& tensor) {
    size_t shift = sizes_.size() - tensor.dim();
    Vector strides(sizes_.size(), 0);
    for (size_t i = shift; i < sizes_.size(); ++i)
      if (tensor.size(i - shift) == sizes_[i]) strides[i] = tensor.stride(i - shift);
    strides_.push_back(std::move(strides));
    offsets_.push_back(0);
  }

  void merge() {
    size_t kept = 0;
    for (size_t i = 0; i < sizes_.size(); ++i) {
      if (sizes_[i] == 1) continue;
      bool joins = kept > 0 && std::all_of(strides_.begin(), strides_.end(), [&](const Vector& strides) {
                     return strides[kept - 1] == sizes_[i] * strides[i];
                   });
      size_t to = joins ? kept - 1 : kept++;
      sizes_[to] = joins ? sizes_[to] * sizes_[i] : sizes_[i];
      for (Vector& strides : strides_) strides[to] = strides[i];
    }
    sizes_.resize(kept);
  }

  void loop(size_t axis) {
    if (sizes_.size() - axis <= kMaxRank) return record_slice(axis);
    for (int64_t i = 0; i < sizes_[axis]; ++i) {
      loop(axis + 1);
      for (size_t k = 0; k < strides_.size(); ++k) offsets_[k] += strides_[k][axis];
    }
    for (size_t k = 0; k < strides_.size(); ++k) offsets_[k] -= sizes_[axis] * strides_[k][axis];
  }

  TensorView slice(const at::Tensor& tensor, size_t number, size_t axis) {
    TensorView view = view_of(tensor.as_strided({}, {}));
    view.rank = static_cast<uint8_t>(sizes_.size() - axis);
    for (size_t i = axis; i < sizes_.size(); ++i) {
      view.sizes[i - axis] = sizes_[i];
      view.strides[i - axis] = strides_[number][i];
    }
    view.offset += offsets_[number] * size_of(view.dtype);
    return view;
  }

  void record_slice(size_t axis) {
    Views in, out;
    size_t number = 0;
    for (const auto* tensor : outputs_) out.push_back(slice(*tensor, number++, axis));
    for (const auto* tensor : inputs_) in.push_back(slice(*tensor, number++, axis));
    record_views(program_, outputs_, inputs_, in, out, args_);
  }

  ProgramRef program_;
  Tensors outputs_, inputs_;
  List<lineshaft::Scalar> args_;
  Vector sizes_;
  std::vector<Vector> strides_;
  Vector offsets_;
};

// Whether axis `a` should lie inside axis `b`: -1 yes, 1 no, 0 no input says.
int compare_axes(int a, int b, c10::IntArrayRef sizes, Tensors inputs) {
  for (const auto* input : inputs) {
    int64_t shift = static_cast<int64_t>(sizes.size()) - input->dim();
    int64_t sa = a < shift || input->size(a - shift) != sizes[a] ? 0 : input->stride(a - shift);
    int64_t sb = b < shift || input->size(b - shift) != sizes[b] ? 0 : input->stride(b - shift);
    if (sa == 0 || sb == 0) continue;
    if (sa != sb) return sa < sb ? -1 : 1;
    if (sizes[a] > sizes[b]) return 1;
  }
  return 0;
}

int64_t wrapped(int64_t number, DType type) {
  switch (type) {
    case DType::kI32:
      return static_cast<int32_t>(number);
    case DType::kI16:
      return static_cast<int16_t>(number);
    case DType::kI8:
      return static_cast<int8_t>(number);
    case DType::kU8:
      return static_cast<uint8_t>(number);
    default:
      return number;
  }
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
  const at::Tensor& first = *outputs[0];
  if (first.numel() == 0) return;
  for (const auto* output : outputs)
    if (!output->is_non_overlapping_and_dense()) at::assert_no_internal_overlap(*output);
  auto sizes = first.sizes();
  if (sizes.size() > kMaxRank) [[unlikely]]
    return HighRank(program, outputs, inputs, args).record();
  Views in, out;
  for (const auto* output : outputs) out.push_back(view_of(*output));
  for (const auto* input : inputs) in.push_back(view_of(*input, sizes));
  record_views(program, outputs, inputs, in, out, args);
}

Expr convert(Expr value, DType from, DType to) {
  if (from == to) return value;
  if (to == DType::kBool) return value != 0.0;
  if (is_compute_type(to)) return cast(value, to);
  return narrow(cast(value, compute_type(to)), to);
}

lineshaft::Scalar argument(const c10::Scalar& value, DType type) {
  TORCH_CHECK(!value.isComplex() || value.toComplexDouble().imag() == 0,
              "lineshaft does not compute in complex numbers");
  if (is_float(type))
    return lineshaft::Scalar::of(value.isComplex() ? value.toComplexDouble().real() : value.toDouble());
  if (type == DType::kBool) return lineshaft::Scalar::of(int64_t{value.toBool()});
  int64_t number = value.isFloatingPoint() ? c10::convert<int64_t>(value.toDouble()) : value.toLong();
  return lineshaft::Scalar::of(wrapped(number, type));
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
  int rank = static_cast<int>(sizes.size());
  c10::DimVector strides(rank), order(rank);
  std::iota(order.rbegin(), order.rend(), 0);  // innermost first
  for (int i = 1; i < rank; ++i) {
    int moved = i;
    for (int before = i - 1; before >= 0; --before) {
      int comparison = compare_axes(order[before], order[moved], sizes, inputs);
      if (comparison > 0) {
        std::swap(order[before], order[moved]);
        moved = before;
      } else if (comparison < 0) {
        break;
      }
    }
  }
  int64_t stride = 1;
  for (int axis : order) {
    strides[axis] = stride;
    stride *= std::max<int64_t>(sizes[axis], 1);
  }
  return strides;
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
