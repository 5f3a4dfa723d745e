#include "lineshaft/frontend/each.h"

#include <algorithm>
#include <span>
#include <tuple>

#include "lineshaft/base/error.h"

namespace lineshaft::frontend {
namespace {

// Whether the elements fill a range of memory, each a place of its own, in whatever order the axes lie.
bool is_dense(const TensorRef& tensor) {
  int64_t count = tensor.numel(), filled = 1;
  if (count == 0) return true;
  // An axis whose stride is what the axes so far fill goes on from there. Row-major axes are all found in one round.
  for (int64_t before = 0; before != filled;) {
    before = filled;
    for (size_t i = tensor.sizes.size(); i-- > 0;)
      if (tensor.sizes[i] > 1 && tensor.strides[i] == filled) filled = saturating_product(filled, tensor.sizes[i]);
  }
  return filled == count;
}

}  // namespace

Each::Each(ProgramRef program, size_t groups) : program_(program) {
  LS_REQUIRE(program && !program->outputs.empty(), "what runs over groups is a program of one output at least");
  inputs_.reserve(groups * program->inputs.size());
  outputs_.reserve(groups * program->outputs.size());
}

// Dense tensors of one layout are the same elements in the same order: one axis says so. A tensor without axes stays as
// it is: it broadcasts.
TensorView Each::view(const TensorRef& tensor) const {
  TensorView view = view_of(tensor);
  if (view.rank <= 1 || !flat_) return view;
  view.rank = 1;
  view.sizes[0] = tensor.numel();
  view.strides[0] = 1;
  return view;
}

void Each::begin(List<TensorRef> tensors) {
  LS_REQUIRE(!tensors.empty(), "a group has no tensor; it takes one at least");
  const TensorRef& first = tensors[0];
  flat_ = is_dense(first);
  for (const TensorRef& tensor : tensors) {
    LS_REQUIRE(std::ranges::equal(tensor.sizes, first.sizes), "tensors that go together have sizes ",
               shape_text(first.sizes), " and ", shape_text(tensor.sizes), "; they must be alike");
    flat_ = flat_ && std::ranges::equal(tensor.strides, first.strides);
  }
  LS_REQUIRE(flat_ || first.sizes.size() <= kMaxRank, "lineshaft takes at most ", kMaxRank,
             " axes of tensors that do not lie alike in memory; these have ", first.sizes.size(),
             ". Make them contiguous");
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

void Each::require_whole_groups() const {
  size_t args = program_->args.size(), count = groups();
  LS_REQUIRE(outputs_.size() == count * program_->outputs.size() && inputs_.size() == count * program_->inputs.size(),
             "groups take ", program_->inputs.size(), " inputs and ", program_->outputs.size(), " outputs each; ",
             inputs_.size(), " inputs and ", outputs_.size(), " outputs are given");
  LS_REQUIRE(args_.size() == args || args_.size() == args * count, args_.size(), " arguments are given; ", count,
             " groups take ", args, " together or ", args * count);
}

void Each::record(Stream& stream) {
  if (outputs_.empty()) return;
  require_whole_groups();
  if (!groups_share_memory()) return stream.record(MapEach{program_, inputs_, outputs_, args_});
  size_t count = groups(), taken = inputs_.size() / count, given = program_->outputs.size();
  bool shared = args_.size() == program_->args.size();
  for (size_t g = 0; g < count; ++g) {
    std::span args(args_);
    if (!shared) args = args.subspan(g * program_->args.size(), program_->args.size());
    stream.record(MapEach{program_, List<TensorView>(inputs_.data() + g * taken, taken),
                          List<TensorView>(outputs_.data() + g * given, given),
                          List<Scalar>(args.data(), args.size())});
  }
}

}  // namespace lineshaft::frontend
