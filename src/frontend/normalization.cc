#include "lineshaft/frontend/normalization.h"

#include <algorithm>

#include "lineshaft/frontend/spatial.h"

namespace lineshaft::frontend {
namespace {

TensorView under(const TensorView& tensor, std::initializer_list<int64_t> sizes,
                 std::initializer_list<int64_t> strides) {
  if (!tensor) return {};
  TensorView view = tensor;
  view.rank = static_cast<uint8_t>(sizes.size());
  std::ranges::copy(sizes, view.sizes.begin());
  std::ranges::copy(strides, view.strides.begin());
  return view;
}

}  // namespace

NormalizedRows::NormalizedRows(std::span<const int64_t> sizes, size_t normalized) {
  for (size_t i = 0; i < sizes.size(); ++i) (i + normalized < sizes.size() ? count : length) *= sizes[i];
}

TensorView NormalizedRows::view(const TensorView& tensor) const {
  return under(tensor, {count, length}, {length, 1});
}
TensorView NormalizedRows::parameter(const TensorView& tensor) const {
  return under(tensor, {count, length}, {0, 1});
}
TensorView NormalizedRows::statistic(const TensorView& tensor) const {
  return under(tensor, {count, 1}, {1, 1});
}
TensorView NormalizedRows::summed(const TensorView& tensor) const {
  return under(tensor, {1, length}, {length, 1});
}

TensorView NormalizedGroups::view(const TensorView& tensor) const {
  return under(tensor, {images, groups, width(), positions}, {channels * positions, width() * positions, positions, 1});
}
TensorView NormalizedGroups::parameter(const TensorView& tensor) const {
  return under(tensor, {images, groups, width(), positions}, {0, width(), 1, 0});
}
TensorView NormalizedGroups::statistic(const TensorView& tensor) const {
  return under(tensor, {images, groups, 1, 1}, {groups, 1, 1, 1});
}
TensorView NormalizedGroups::summed(const TensorView& tensor) const {
  return under(tensor, {1, groups, width(), 1}, {channels, width(), 1, 1});
}

uint8_t NormalizedChannels::axes() const {
  return all_but_channels(input.rank, axis);
}
TensorView NormalizedChannels::parameter(const TensorView& vector) const {
  return broadcast_channels(vector, input, axis);
}
TensorView NormalizedChannels::statistic(const TensorView& vector) const {
  return reduced_channels(vector, input.rank, axis);
}
TensorView NormalizedChannels::summed(const TensorView& vector) const {
  return statistic(vector);
}

}  // namespace lineshaft::frontend
