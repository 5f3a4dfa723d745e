#include "csrc/ops/each.h"

#include <algorithm>
#include <span>
#include <tuple>

namespace lineshaft::torch {

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

// Whether a group writes what another one reads or writes, by the ranges that their views span.
bool Each::groups_share_memory() const {
  if (groups() < 2) return false;
  struct Written {
    uint64_t buffer;
    int64_t begin, end;
    size_t group;
  };
  std::vector<Written> written;
  written.reserve(outputs_.size());
  auto range = [](const TensorView& view, size_t group) {
    ByteRange bytes = byte_range(view);
    return Written{view.buffer.value, bytes.begin, bytes.end, group};
  };
  for (size_t i = 0; i < outputs_.size(); ++i) written.push_back(range(outputs_[i], i / program_->outputs.size()));
  std::sort(written.begin(), written.end(), [](const Written& a, const Written& b) {
    return std::tie(a.buffer, a.begin) < std::tie(b.buffer, b.begin);
  });
  for (size_t i = 1; i < written.size(); ++i)
    if (written[i].buffer == written[i - 1].buffer && written[i].begin < written[i - 1].end) return true;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    Written read = range(inputs_[i], i / program_->inputs.size());
    auto after = std::partition_point(written.begin(), written.end(), [&](const Written& each) {
      return std::tie(each.buffer, each.end) <= std::tie(read.buffer, read.begin);
    });
    for (; after != written.end() && after->buffer == read.buffer && after->begin < read.end; ++after)
      if (after->group != read.group) return true;
  }
  return false;
}

void Each::record(Stream& stream) {
  if (outputs_.empty()) return;
  if (!groups_share_memory()) return stream.record(MapEach{program_, inputs_, outputs_, args_});
  size_t count = groups(), taken = inputs_.size() / count, given = program_->outputs.size();
  bool shared = args_.size() == program_->args.size();
  for (size_t g = 0; g < count; ++g) {
    std::span args(args_);
    if (!shared) args = args.subspan(g * program_->args.size(), program_->args.size());
    stream.record(MapEach{program_, List<TensorView>(&inputs_[g * taken], taken),
                          List<TensorView>(&outputs_[g * given], given),
                          List<lineshaft::Scalar>(args.data(), args.size())});
  }
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
