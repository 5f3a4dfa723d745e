// For tests: operations on the Vulkan device and on the CPU backend.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "lineshaft/device/registry.h"
#include "tensor/half.h"

namespace lineshaft::vulkan {

// One tensor on two devices, by the same name: buffers are made in the same order on both streams.
class Pair {
 public:
  static std::unique_ptr<Pair> open() {
    auto pair = std::make_unique<Pair>();
    for (const auto& device : enumerate_devices().devices)
      if (device.id() == "vulkan:0") pair->gpu_ = open_device("vulkan:0", {.validate = true});
    if (!pair->gpu_) return nullptr;
    pair->cpu_ = open_device("cpu:0", {.validate = true});
    return pair;
  }

  OpenDevice& gpu() { return *gpu_; }
  bool has(const char* feature) const { return std::ranges::count(gpu_->properties().features, feature) > 0; }

  TensorView make(DType dtype, std::vector<int64_t> sizes, double low = -2, double high = 2) {
    TensorView view = contiguous_view({}, dtype, sizes);
    int64_t bytes = std::max<int64_t>(view.numel() * size_of(dtype), 1);
    std::vector<std::byte> data(static_cast<size_t>(bytes));
    std::uniform_real_distribution<double> draw(low, high);
    for (int64_t i = 0; i < view.numel(); ++i) put(data.data(), i, dtype, draw(random_));
    for (OpenDevice* device : {gpu_.get(), cpu_.get()}) {
      view.buffer = device->stream().create(bytes);
      device->stream().write(view.buffer, 0, data.data(), bytes);
    }
    return view;
  }

  template <class Op>
  void expect_same(const Op& op, std::vector<TensorView> outputs, double tolerance = 2e-5) {
    for (OpenDevice* device : {gpu_.get(), cpu_.get()}) device->stream().record(op);
    for (size_t k = 0; k < outputs.size(); ++k) {
      std::vector<double> actual = load(*gpu_, outputs[k]), expected = load(*cpu_, outputs[k]);
      double scale = 1e-3;
      for (double x : expected)
        if (std::isfinite(x)) scale = std::max(scale, std::abs(x));
      int wrong = 0;
      for (size_t i = 0; i < actual.size() && wrong < 3; ++i) {
        double a = actual[i], e = expected[i];
        if (a == e || (std::isnan(a) && std::isnan(e)) || std::abs(a - e) <= tolerance * scale) continue;
        ++wrong;
        ADD_FAILURE() << name_of(OpTraits<Op>::kind) << " output " << k << " element " << i << " of "
                      << to_string(outputs[k]) << " is " << a << ", expected " << e;
      }
    }
  }

 private:
  static void put(std::byte* data, int64_t i, DType dtype, double x) {
    auto store = [&](auto value) { std::memcpy(data + i * static_cast<int64_t>(sizeof value), &value, sizeof value); };
    switch (dtype) {
      case DType::kF64:
        return store(x);
      case DType::kF32:
        return store(static_cast<float>(x));
      case DType::kF16:
        return store(to_half(static_cast<float>(x)));
      case DType::kBF16:
        return store(to_bfloat16(static_cast<float>(x)));
      case DType::kI64:
        return store(static_cast<int64_t>(x));
      case DType::kI32:
        return store(static_cast<int32_t>(x));
      case DType::kI16:
        return store(static_cast<int16_t>(100 * x));
      case DType::kBool:
        return store(static_cast<uint8_t>(x > 0));
      default:
        return store(static_cast<int8_t>(x));
    }
  }

  static std::vector<double> load(OpenDevice& device, const TensorView& view) {
    int64_t count = view.numel(), size = size_of(view.dtype);
    std::vector<std::byte> data(static_cast<size_t>(count * size));
    device.stream().read(view.buffer, view.offset, data.data(), count * size);
    std::vector<double> values;
    for (int64_t i = 0; i < count; ++i) {
      auto take = [&](auto value) {
        std::memcpy(&value, data.data() + i * size, sizeof value);
        return value;
      };
      switch (view.dtype) {
        case DType::kF64:
          values.push_back(take(double{}));
          break;
        case DType::kF32:
          values.push_back(take(float{}));
          break;
        case DType::kF16:
          values.push_back(to_float(take(Half{})));
          break;
        case DType::kBF16:
          values.push_back(to_float(take(BFloat16{})));
          break;
        case DType::kI64:
          values.push_back(static_cast<double>(take(int64_t{})));
          break;
        case DType::kI32:
          values.push_back(take(int32_t{}));
          break;
        case DType::kI16:
          values.push_back(take(int16_t{}));
          break;
        default:
          values.push_back(take(int8_t{}));
      }
    }
    return values;
  }

  std::unique_ptr<OpenDevice> gpu_, cpu_;
  std::mt19937_64 random_{7};
};

}  // namespace lineshaft::vulkan
