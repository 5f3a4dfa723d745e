#include "csrc/ops/each.h"

#include "csrc/core/error.h"

namespace lineshaft::torch {

void Each::begin(std::initializer_list<const at::Tensor*> tensors) {
  c10::SmallVector<frontend::TensorRef, 8> shapes;
  for (const at::Tensor* tensor : tensors) {
    auto sizes = tensor->sizes(), strides = tensor->strides();
    shapes.push_back({.sizes = {sizes.data(), sizes.size()}, .strides = {strides.data(), strides.size()}});
  }
  translated([&] { frontend::Each::begin({shapes.data(), shapes.size()}); });
}

bool is_uniform(std::initializer_list<at::TensorList> lists) {
  const at::TensorList& first = *lists.begin();
  if (first.empty()) return false;
  for (const at::TensorList& list : lists) {
    if (list.size() != first.size()) return false;
    for (size_t i = 0; i < list.size(); ++i) {
      const at::Tensor& tensor = list[i];
      if (tensor.device() != first[0].device() || !on_device(tensor) ||
          tensor.scalar_type() != first[0].scalar_type() || tensor.numel() == 0 || tensor.sizes() != first[i].sizes() ||
          tensor.strides() != first[i].strides() || !tensor.is_non_overlapping_and_dense())
        return false;
    }
  }
  return true;
}

void require_same_length(at::TensorList a, at::TensorList b) {
  TORCH_CHECK(a.size() == b.size(), "Tensor lists must have the same number of tensors, got ", a.size(), " and ",
              b.size());
}

}  // namespace lineshaft::torch
