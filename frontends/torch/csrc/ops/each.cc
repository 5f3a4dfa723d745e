#include "csrc/ops/each.h"

namespace lineshaft::frontend {

// Dense tensors of one layout are the same elements in the same order: one axis says so. A tensor without axes stays as
// it is: it broadcasts.
TensorView Each::view(const at::Tensor& tensor) const {
  TensorView view = view_of(tensor);
  if (view.rank <= 1 || !flat_) return view;
  int64_t count = tensor.numel();
  view.rank = 1;
  view.sizes[0] = count;
  view.strides[0] = 1;
  return view;
}

void Each::begin(std::initializer_list<const at::Tensor*> tensors) {
  const at::Tensor& first = **tensors.begin();
  flat_ = first.is_non_overlapping_and_dense();
  for (const at::Tensor* tensor : tensors) {
    TORCH_CHECK(tensor->sizes() == first.sizes(), "tensors that go together have sizes ", first.sizes(), " and ",
                tensor->sizes(), "; they must be alike");
    flat_ = flat_ && tensor->strides() == first.strides();
  }
  TORCH_CHECK(flat_ || first.dim() <= kMaxRank, "lineshaft takes at most ", kMaxRank,
              " axes of tensors that do not lie alike in memory; these have ", first.dim(), ". Call .contiguous()");
}

void Each::record(Stream& stream) {
  if (outputs_.empty()) return;
  stream.record(MapEach{program_, inputs_, outputs_, args_});
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

}  // namespace lineshaft::frontend
