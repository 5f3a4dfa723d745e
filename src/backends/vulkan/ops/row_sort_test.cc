// Sizes at which merges, prefix sums and long segments matter, on a Vulkan device against the CPU.
#include <gtest/gtest.h>

#include <random>

#include "lineshaft/device/registry.h"
#include "lineshaft/ops/compact.h"
#include "lineshaft/ops/scatter.h"
#include "lineshaft/ops/sort.h"
#include "lineshaft/ops/topk.h"

namespace lineshaft {
namespace {

class VulkanOrder : public testing::Test {
 protected:
  void SetUp() override {
    try {
      vulkan_ = open_device("vulkan:0", StreamOptions::from_environment());
    } catch (const Error&) {
      GTEST_SKIP() << "this machine has no Vulkan device";
    }
    cpu_ = open_device("cpu:0", StreamOptions::from_environment());
  }
  // The same bytes on both devices.
  template <class T>
  TensorView tensor(DType dtype, std::vector<int64_t> sizes, const std::vector<T>& values) {
    TensorView view = contiguous_view({}, dtype, sizes);
    EXPECT_EQ(view.numel() * size_of(dtype), static_cast<int64_t>(values.size() * sizeof(T)));
    for (auto* device : {cpu_.get(), vulkan_.get()}) {
      view.buffer = device->stream().create(view.numel() * size_of(dtype));
      device->stream().write(view.buffer, 0, values.data(), view.numel() * size_of(dtype));
    }
    return view;
  }
  TensorView zeros(DType dtype, std::vector<int64_t> sizes) {
    int64_t count = size_of(dtype);
    for (int64_t size : sizes) count *= size;
    return tensor(dtype, sizes, std::vector<uint8_t>(count));
  }
  template <class Op>
  void record(const Op& op) {
    cpu_->stream().record(op);
    vulkan_->stream().record(op);
  }
  void expect_same_bytes(const TensorView& view, int64_t elements = -1) {
    std::vector<uint8_t> expected((elements < 0 ? view.numel() : elements) * size_of(view.dtype)), got(expected.size());
    cpu_->stream().read(view.buffer, 0, expected.data(), expected.size());
    vulkan_->stream().read(view.buffer, 0, got.data(), got.size());
    EXPECT_EQ(got, expected) << name_of(view.dtype);
  }

  std::unique_ptr<OpenDevice> cpu_, vulkan_;
  std::mt19937_64 random_{5};
};

// Random bits hold NaN, both zeros and every sign.
TEST_F(VulkanOrder, SortsLongRowsOfAnyBits) {
  for (DType dtype : {DType::kF32, DType::kF64, DType::kI32, DType::kI64, DType::kF16, DType::kU8})
    for (bool descending : {false, true}) {
      std::vector<uint8_t> bytes(3 * 1037 * size_of(dtype));
      for (uint8_t& x : bytes) x = static_cast<uint8_t>(random_() % 7 ? random_() : 0);
      TensorView input = tensor(dtype, {3, 1037}, bytes);
      TensorView values = zeros(dtype, {3, 1037}), indices = zeros(DType::kI64, {3, 1037});
      record(Sort{1, descending, input, values, indices});
      expect_same_bytes(indices);
      if (!is_float(dtype)) expect_same_bytes(values);
      TensorView top = zeros(dtype, {3, 40}), where = zeros(DType::kI64, {3, 40});
      record(TopK{1, descending, input, top, where});
      expect_same_bytes(where);
    }
}

TEST_F(VulkanOrder, ScattersManyIntoFewInOrder) {
  for (ScatterKind kind : {ScatterKind::kAssign, ScatterKind::kAdd, ScatterKind::kMultiply, ScatterKind::kMax})
    for (DType dtype : {DType::kF32, DType::kI64}) {
      const int64_t n = 1500, d = 5, v = 7;
      std::vector<float> numbers(n * d);
      std::vector<int64_t> wide(n * d), rows(n);
      for (float& x : numbers) x = static_cast<float>(random_() % 1000) / 997.0f + 0.5f;
      for (int64_t& x : wide) x = static_cast<int64_t>(random_());
      for (int64_t& row : rows) row = random_() % 3 ? static_cast<int64_t>(random_() % v) : 2;
      TensorView source = dtype == DType::kF32 ? tensor(dtype, {n, d}, numbers) : tensor(dtype, {n, d}, wide);
      TensorView target = zeros(dtype, {v, d}), base = target, index = tensor(DType::kI64, {n}, rows);
      base.sizes = source.sizes;
      base.strides = {0, 1};
      index.rank = 2;
      index.sizes = source.sizes;
      index.strides = {1, 0};
      int64_t strides[] = {d}, bounds[] = {v};
      record(Scatter{kind, base, {&index, 1}, strides, bounds, false, source});
      expect_same_bytes(target);
    }
}

TEST_F(VulkanOrder, CompactsOverSeveralLevelsOfChunks) {
  std::vector<uint8_t> bits(9001);
  for (uint8_t& x : bits) x = random_() % 3 == 0;
  TensorView mask = tensor(DType::kBool, {9001}, bits);
  TensorView positions = zeros(DType::kI64, {9001}), count = zeros(DType::kI64, {1});
  record(Compact{mask, positions, count});
  expect_same_bytes(count);
  int64_t found = 0;
  for (uint8_t x : bits) found += x;
  expect_same_bytes(positions, found);
}

}  // namespace
}  // namespace lineshaft
