#include "conformance/axes.h"

#include <cmath>

#include "tensor/element.h"

namespace lineshaft::conformance {

Trial::~Trial() {
  for (BufferId buffer : buffers_) device_.stream().release(buffer);
}

TensorView Trial::made(DType dtype, const Shape& sizes, const std::function<Number()>& element) {
  TensorView view = contiguous_view({}, dtype, sizes);
  int64_t size = size_of(dtype), bytes = std::max<int64_t>(view.numel() * size, 1);
  std::vector<std::byte> data(static_cast<size_t>(bytes));
  for (int64_t i = 0; i < view.numel(); ++i) store_element(element(), dtype, data.data() + i * size);
  view.buffer = device_.stream().create(bytes);
  buffers_.push_back(view.buffer);
  device_.stream().write(view.buffer, 0, data.data(), bytes);
  return view;
}

TensorView Trial::input(DType dtype, const Shape& sizes, int64_t low, int64_t high) {
  if (dtype == DType::kBool) low = 0, high = 1;
  auto range = static_cast<uint64_t>(high - low + 1);
  return made(dtype, sizes, [&] { return static_cast<Number>(low + static_cast<int64_t>(random_() % range)); });
}

void Trial::keep(const std::vector<TensorView>& outputs, double tolerance) {
  for (const TensorView& view : outputs) {
    int64_t count = view.numel(), size = size_of(view.dtype);
    std::vector<std::byte> data(static_cast<size_t>(count * size));
    device_.stream().read(view.buffer, view.offset, data.data(), count * size);
    Kept kept{{}, tolerance};
    for (int64_t i = 0; i < count; ++i) kept.values.push_back(load_double(data.data() + i * size, view.dtype));
    kept_.push_back(std::move(kept));
  }
}

void Trial::compare(const Trial& other) const {
  ASSERT_EQ(kept_.size(), other.kept_.size());
  for (size_t k = 0; k < kept_.size(); ++k) {
    const auto &got = kept_[k].values, &want = other.kept_[k].values;
    ASSERT_EQ(got.size(), want.size());
    double scale = 0;
    for (double value : want)
      if (std::isfinite(value)) scale = std::max(scale, std::abs(value));
    size_t wrong = 0, first = 0;
    for (size_t i = 0; i < got.size(); ++i) {
      if (got[i] == want[i] || (std::isnan(got[i]) && std::isnan(want[i]))) continue;
      if (std::abs(got[i] - want[i]) <= kept_[k].tolerance * scale) continue;
      if (wrong++ == 0) first = i;
    }
    EXPECT_EQ(wrong, 0u) << "of " << got.size() << " elements of output " << k << " differ; the first, at " << first
                         << ", is " << got[first] << ", on the CPU " << want[first];
  }
}

}  // namespace lineshaft::conformance
