// What a device that lacks f64 does with operations in it: over plain memory, and on a Vulkan device where
// LINESHAFT_VULKAN_MASK hides f64.
#include "device/host_arithmetic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "lineshaft/device/fallback.h"
#include "lineshaft/device/registry.h"
#include "lineshaft/program/expression.h"
#include "support/expected_error.h"

namespace lineshaft {
namespace {

// A device whose buffers are doubles in plain memory.
class HostArithmeticOverMemory : public testing::Test {
 protected:
  void SetUp() override { set_fallback_mode(FallbackMode::kWarn); }
  void TearDown() override { set_fallback_mode(before); }

  TensorView make(std::vector<int64_t> sizes, std::vector<double> values) {
    TensorView view = contiguous_view(BufferId::make(++made, 1), DType::kF64, sizes);
    memory[view.buffer.value] = std::move(values);
    return view;
  }
  std::optional<Error> multiply(const TensorView& a, const TensorView& b, const TensorView& c) {
    Matmul op{a, b, c, {}};
    HostArithmetic::Buffers buffers{
        .read = [&](BufferId buffer, int64_t offset, std::byte* to,
                    int64_t size) { std::memcpy(to, bytes_of(buffer) + offset, size); },
        .write = [&](BufferId buffer, int64_t offset, const std::byte* from,
                     int64_t size) { std::memcpy(bytes_of(buffer) + offset, from, size); },
    };
    return host.run({.op_kind = OpKind::kMatmul, .op = &op}, "a device",
                    Error(ErrorCode::kUnsupported, "the device lacks f64"), buffers);
  }
  std::byte* bytes_of(BufferId buffer) { return reinterpret_cast<std::byte*>(memory.at(buffer.value).data()); }

  HostArithmetic host;
  std::map<uint64_t, std::vector<double>> memory;
  uint32_t made = 0;
  FallbackMode before = fallback_mode();
};

TEST_F(HostArithmeticOverMemory, WritesTheResultAndNothingBesideIt) {
  TensorView a = make({2, 1}, {1, 3}), b = make({1, 2}, {5, 1e-17});
  TensorView c = make({2, 2}, {-1, -2, -3, -4, -5, -6, -7, -8});
  c.offset = 8;
  c.strides = {4, 2};
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(multiply(a, b, c));
  EXPECT_EQ(memory.at(c.buffer.value), (std::vector<double>{-1, 5, -3, 1e-17, -5, 15, -7, 3 * 1e-17}));
  EXPECT_EQ(memory.at(a.buffer.value), (std::vector<double>{1, 3}));
}

TEST_F(HostArithmeticOverMemory, ForbiddenFallbackThrowsTheReasonAndWritesNothing) {
  set_fallback_mode(FallbackMode::kError);
  TensorView a = make({1, 1}, {3}), c = make({1, 1}, {0});
  expect_whole_error(ErrorCode::kUnsupported, "the device lacks f64", [&] { multiply(a, a, c); });
  EXPECT_EQ(memory.at(c.buffer.value), (std::vector<double>{0}));
}

TEST_F(HostArithmeticOverMemory, MemoryIsLimited) {
  host.limit_memory(64);
  TensorView a = make({4, 4}, std::vector<double>(16, 1)), c = make({4, 4}, std::vector<double>(16));
  auto error = multiply(a, a, c);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::kOutOfMemory) << error->what();
  host.limit_memory(INT64_MAX);
  EXPECT_FALSE(multiply(a, a, c));
  EXPECT_EQ(memory.at(c.buffer.value), std::vector<double>(16, 4));
}

class VulkanHostArithmetic : public testing::Test {
 protected:
  void SetUp() override {
    set_fallback_mode(FallbackMode::kWarn);
    for (const auto& found : enumerate_devices().devices)
      if (found.id() == "vulkan:0") device = open_device("vulkan:0", {.validate = true, .limits = found.fusion});
    if (!device) GTEST_SKIP() << "there is no Vulkan device";
    if (std::ranges::count(device->properties().features, "f64")) GTEST_SKIP() << "the device computes in f64";
  }
  void TearDown() override { set_fallback_mode(before); }

  template <class T>
  TensorView make(DType dtype, std::vector<int64_t> sizes, const std::vector<T>& values) {
    TensorView view = contiguous_view({}, dtype, sizes);
    auto bytes = static_cast<int64_t>(values.size() * sizeof(T));
    view.buffer = device->stream().create(bytes);
    device->stream().write(view.buffer, 0, values.data(), bytes);
    return view;
  }
  template <class T>
  std::vector<T> load(const TensorView& view, size_t count) {
    std::vector<T> values(count);
    device->stream().read(view.buffer, 0, values.data(), static_cast<int64_t>(count * sizeof(T)));
    return values;
  }

  std::unique_ptr<OpenDevice> device;
  FallbackMode before = fallback_mode();
};

TEST_F(VulkanHostArithmetic, ProductsComeFromTheCpuBetweenWorkOfTheDevice) {
  TensorView floats = make<float>(DType::kF32, {2, 3}, {1, 2, 3, 4, 5, 6});
  TensorView a = make<double>(DType::kF64, {2, 3}, std::vector<double>(6)), b = a;
  std::swap(b.sizes[0], b.sizes[1]);
  std::swap(b.strides[0], b.strides[1]);
  // Every second element of a buffer whose others stay as they are.
  TensorView c = make<double>(DType::kF64, {2, 2}, {-1, -2, -3, -4, -5, -6, -7, -8});
  c.strides = {4, 2};
  ProgramBuilder widen, tell;
  widen.output(cast(widen.input(DType::kF32) * 2.0, DType::kF64), DType::kF64);
  tell.output(cast(tell.input(DType::kF64), DType::kF32) + 0.5, DType::kF32);
  TensorView told = make<float>(DType::kF32, {2, 2}, std::vector<float>(4));
  Stream& stream = device->stream();
  stream.record(Map{widen.finish(), {&floats, 1}, {&a, 1}, {}});
  stream.record(Matmul{a, b, c, {}});
  stream.record(Map{tell.finish(), {&c, 1}, {&told, 1}, {}});
  EXPECT_EQ(load<float>(told, 4), (std::vector<float>{56.5, 128.5, 128.5, 308.5}));
  EXPECT_EQ(load<double>(c, 8), (std::vector<double>{56, -2, 128, -4, 128, -6, 308, -8}));
}

TEST_F(VulkanHostArithmetic, ProgramsKeepThePrecisionOfF64) {
  TensorView x = make<double>(DType::kF64, {3}, {1, 1e-17, 3});
  ProgramBuilder p;
  Expr v = p.input(DType::kF64);
  p.output(exp(v) + 1e-12, DType::kF64);
  ProgramRef program = p.finish();
  for (int i = 0; i < 2; ++i) device->stream().record(Map{program, {&x, 1}, {&x, 1}, {}});
  auto got = load<double>(x, 3);
  const double start[] = {1, 1e-17, 3};
  for (int i = 0; i < 3; ++i) EXPECT_DOUBLE_EQ(got[i], std::exp(std::exp(start[i]) + 1e-12) + 1e-12);
}

TEST_F(VulkanHostArithmetic, AProductOfNothingIsZero) {
  TensorView a = make<double>(DType::kF64, {2, 0}, {}), b = make<double>(DType::kF64, {0, 2}, {});
  TensorView c = make<double>(DType::kF64, {2, 2}, {1, 2, 3, 4});
  device->stream().record(Matmul{a, b, c, {}});
  EXPECT_EQ(load<double>(c, 4), (std::vector<double>(4)));
}

TEST_F(VulkanHostArithmetic, WhatTheHostComputesIsCounted) {
  TensorView a = make<double>(DType::kF64, {1, 1}, {3}), c = make<double>(DType::kF64, {1, 1}, {0});
  Stream::Label label("aten::counted");
  for (int i = 0; i < 2; ++i) device->stream().record(Matmul{a, a, c, {}});
  device->stream().wait();
  EXPECT_EQ(fallback_counts()["aten::counted in f64"], 2);
}

TEST_F(VulkanHostArithmetic, AnIndexThatTheHostFindsOutOfBoundIsRaised) {
  TensorView target = make<double>(DType::kF64, {4}, {1, 2, 3, 4}), values = make<double>(DType::kF64, {2}, {5, 7});
  TensorView index = make<int64_t>(DType::kI64, {2}, {9, 0});
  Scatter op;
  const int64_t stride = 1, bound = 4;
  op.target = target;
  op.target.sizes[0] = 2;
  op.target.strides[0] = 0;
  op.source = values;
  op.indices = {&index, 1};
  op.index_strides = {&stride, 1};
  op.bounds = {&bound, 1};
  op.kind = ScatterKind::kAdd;
  device->stream().record(op);
  expect_error(ErrorCode::kIndex, "", [&] { device->stream().wait(); });
  EXPECT_EQ(load<double>(target, 4), (std::vector<double>{8, 2, 3, 4}));
  const int64_t good = 3;
  device->stream().write(index.buffer, 0, &good, sizeof good);
  device->stream().record(op);
  EXPECT_EQ(load<double>(target, 4), (std::vector<double>{15, 2, 3, 9}));
}

TEST_F(VulkanHostArithmetic, ForbiddenFallbackIsAnErrorThatSaysWhatToDo) {
  set_fallback_mode(FallbackMode::kError);
  TensorView a = make<double>(DType::kF64, {1, 1}, {3}), c = make<double>(DType::kF64, {1, 1}, {0});
  device->stream().record(Matmul{a, a, c, {}});
  expect_whole_error(
      ErrorCode::kUnsupported,
      "matmul in f64: this device stores and converts f64 but does not compute in it; use f32, or the cpu device",
      [&] { device->stream().wait(); });
}

}  // namespace
}  // namespace lineshaft
