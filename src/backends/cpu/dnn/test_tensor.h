// For unit tests: tensors with chosen layouts on a CPU device, written and read as doubles.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include "lineshaft/lineshaft.h"
#include "tensor/half.h"

namespace lineshaft::cpu::test {

inline Stream& stream() {
  static std::unique_ptr<OpenDevice> device = open_device("cpu:0", [] {
    StreamOptions options = StreamOptions::from_environment();
    options.validate = true;
    return options;
  }());
  return device->stream();
}

inline void store(DType type, std::byte* to, double value) {
  auto put = [&](auto typed) { std::memcpy(to, &typed, sizeof typed); };
  switch (type) {
    case DType::kF64:
      return put(value);
    case DType::kF32:
      return put(static_cast<float>(value));
    case DType::kF16:
      return put(to_half(static_cast<float>(value)));
    case DType::kBF16:
      return put(to_bfloat16(static_cast<float>(value)));
    case DType::kI64:
      return put(static_cast<int64_t>(value));
    case DType::kI32:
      return put(static_cast<int32_t>(static_cast<int64_t>(value)));
    case DType::kI16:
      return put(static_cast<int16_t>(static_cast<int64_t>(value)));
    case DType::kI8:
      return put(static_cast<int8_t>(static_cast<int64_t>(value)));
    case DType::kU8:
      return put(static_cast<uint8_t>(static_cast<int64_t>(value)));
    case DType::kBool:
      return put(value != 0);
  }
}

inline double load(DType type, const std::byte* from) {
  auto get = [&](auto typed) {
    std::memcpy(&typed, from, sizeof typed);
    return typed;
  };
  switch (type) {
    case DType::kF64:
      return get(double{});
    case DType::kF32:
      return get(float{});
    case DType::kF16:
      return to_float(get(Half{}));
    case DType::kBF16:
      return to_float(get(BFloat16{}));
    case DType::kI64:
      return static_cast<double>(get(int64_t{}));
    case DType::kI32:
      return get(int32_t{});
    case DType::kI16:
      return get(int16_t{});
    case DType::kI8:
      return get(int8_t{});
    case DType::kU8:
      return get(uint8_t{});
    case DType::kBool:
      return get(uint8_t{});
  }
  return 0;
}

inline double rounded(DType type, double value) {
  std::byte bytes[8];
  store(type, bytes, value);
  return load(type, bytes);
}

using Sizes = std::vector<int64_t>;

// How a tensor lies in memory: the axes from slowest to fastest, extra elements after each row of the fastest, and
// elements before the first.
struct Layout {
  std::vector<int> order;  // empty: row-major
  int64_t gap = 0;
  int64_t lead = 0;
};

inline Layout channels_last(int rank) {
  Layout layout{{0}};
  for (int i = 2; i < rank; ++i) layout.order.push_back(i);
  layout.order.push_back(1);
  return layout;
}

class Tensor {
 public:
  Tensor(DType type, const Sizes& sizes, const Layout& layout = {}) {
    view.dtype = type;
    view.rank = static_cast<uint8_t>(sizes.size());
    std::vector<int> order = layout.order;
    if (order.empty()) {
      order.resize(sizes.size());
      std::iota(order.begin(), order.end(), 0);
    }
    int64_t stride = 1;
    for (int i = view.rank - 1; i >= 0; --i) {
      view.sizes[order[i]] = sizes[order[i]];
      view.strides[order[i]] = stride;
      stride = stride * sizes[order[i]] + (i == view.rank - 1 ? layout.gap : 0);
    }
    view.offset = layout.lead * size_of(type);
    bytes_ = (stride + layout.lead + 1) * size_of(type);
    view.buffer = stream().create(bytes_);
    std::vector<std::byte> noise(bytes_, std::byte{0x7b});
    stream().write(view.buffer, 0, noise.data(), bytes_);
  }
  ~Tensor() {
    if (view.buffer) stream().release(view.buffer);
  }
  Tensor(Tensor&& other) noexcept : view(other.view), bytes_(other.bytes_) { other.view.buffer = {}; }
  Tensor(const Tensor&) = delete;

  // Row-major values. Elements outside the view keep what they held.
  void write(const std::vector<double>& values) {
    auto memory = read_bytes();
    for (size_t i = 0; i < values.size(); ++i) store(view.dtype, memory.data() + byte_of(i), values[i]);
    stream().write(view.buffer, 0, memory.data(), bytes_);
  }
  std::vector<double> read() const {
    auto memory = read_bytes();
    std::vector<double> values(view.numel());
    for (size_t i = 0; i < values.size(); ++i) values[i] = load(view.dtype, memory.data() + byte_of(i));
    return values;
  }
  std::vector<std::byte> read_bytes() const {
    std::vector<std::byte> memory(bytes_);
    stream().read(view.buffer, 0, memory.data(), bytes_);
    return memory;
  }
  // Fills with random values that the dtype holds exactly and returns them.
  std::vector<double> randomize(uint32_t seed, double scale = 1) {
    std::mt19937 random(seed);
    std::vector<double> values(view.numel());
    for (double& value : values) {
      double uniform = static_cast<double>(random()) / 4294967296.0 * 2 - 1;
      value = rounded(view.dtype, is_float(view.dtype) ? uniform * scale : std::floor(uniform * 10 * scale));
    }
    write(values);
    return values;
  }

  TensorView view;

 private:
  int64_t byte_of(int64_t index) const {
    int64_t at = 0;
    for (int i = view.rank - 1; i >= 0; --i) {
      at += index % view.sizes[i] * view.strides[i];
      index /= view.sizes[i];
    }
    return view.offset + at * size_of(view.dtype);
  }
  int64_t bytes_ = 0;
};

// What sums of about `terms` products in the accumulator's type and one rounding to `type` may be off by, relative to
// magnitude.
inline double tolerance(DType type, int64_t terms) {
  switch (type) {
    case DType::kF64:
      return 1e-15 * (4 + std::sqrt(terms));
    case DType::kF32:
      return 1.2e-7 * (4 + std::sqrt(terms));
    case DType::kF16:
      return 1.0 / 1024 + 1.2e-7 * std::sqrt(terms);
    case DType::kBF16:
      return 1.0 / 128 + 1.2e-7 * std::sqrt(terms);
    default:
      return 0;
  }
}

inline void expect_close(const std::vector<double>& got, const std::vector<double>& want, double tolerance,
                         double magnitude = 1) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], want[i], tolerance * std::max(magnitude, std::abs(want[i]))) << "at element " << i;
}

}  // namespace lineshaft::cpu::test
