// For tests: operations run at once over plain memory, and a scalar interpreter of programs to hold them against.
#pragma once

#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "backends/cpu/context.h"
#include "backends/cpu/simd/kernels.h"
#include "lineshaft/ops/map.h"
#include "tensor/half.h"

namespace lineshaft::cpu::test {

class TestContext final : public Context {
 public:
  void* scratch(size_t bytes) override {
    scratch_.push_back(std::make_unique<std::byte[]>(bytes + 64));
    return reinterpret_cast<void*>((reinterpret_cast<uintptr_t>(scratch_.back().get()) + 63) & ~uintptr_t{63});
  }
  void report_index(int64_t, int64_t) override {}
  void report_requirement(Requirement) override {}
  uint64_t write_count(BufferId) override { return 0; }

  TensorView make(DType type, std::initializer_list<int64_t> sizes) { return make(type, std::vector<int64_t>(sizes)); }
  TensorView make(DType type, const std::vector<int64_t>& sizes) {
    int64_t count = 1;
    for (int64_t size : sizes) count *= size;
    buffers_.push_back(std::vector<std::byte>(count * size_of(type) + 64, std::byte{0xa5}));
    return contiguous_view(BufferId::make(static_cast<uint32_t>(buffers_.size() - 1), 1), type, sizes);
  }

 protected:
  std::byte* base(BufferId buffer) override { return buffers_[buffer.slot()].data(); }

 private:
  std::vector<std::vector<std::byte>> buffers_;
  std::vector<std::unique_ptr<std::byte[]>> scratch_;
};

inline int64_t offset_of(const TensorView& view, int64_t linear) {
  int64_t offset = 0;
  for (int i = view.rank - 1; i >= 0; --i) {
    offset += linear % view.sizes[i] * view.strides[i];
    linear /= view.sizes[i];
  }
  return offset;
}

// One value of a program.
struct Number {
  double f = 0;   // floats
  int64_t i = 0;  // integers and bool
};

inline Number read(Context& context, const TensorView& view, int64_t linear) {
  const std::byte* p = context.data(view) + offset_of(view, linear) * size_of(view.dtype);
  auto as = [&](auto value) {
    std::memcpy(&value, p, sizeof value);
    return value;
  };
  switch (view.dtype) {
    case DType::kF64:
      return {as(double{})};
    case DType::kF32:
      return {as(float{})};
    case DType::kF16:
      return {to_float(as(Half{}))};
    case DType::kBF16:
      return {to_float(as(BFloat16{}))};
    case DType::kI64:
      return {0, as(int64_t{})};
    case DType::kI32:
      return {0, as(int32_t{})};
    case DType::kI16:
      return {0, as(int16_t{})};
    case DType::kI8:
      return {0, as(int8_t{})};
    case DType::kU8:
      return {0, as(uint8_t{})};
    default:
      return {0, as(uint8_t{}) != 0};
  }
}

inline double read_double(Context& context, const TensorView& view, int64_t linear) {
  Number n = read(context, view, linear);
  return is_float(view.dtype) ? n.f : static_cast<double>(n.i);
}

inline void write(Context& context, const TensorView& view, int64_t linear, Number value) {
  std::byte* p = context.data(view) + offset_of(view, linear) * size_of(view.dtype);
  auto put = [&](auto typed) { std::memcpy(p, &typed, sizeof typed); };
  switch (view.dtype) {
    case DType::kF64:
      return put(value.f);
    case DType::kF32:
      return put(static_cast<float>(value.f));
    case DType::kF16:
      return put(to_half(static_cast<float>(value.f)));
    case DType::kBF16:
      return put(to_bfloat16(static_cast<float>(value.f)));
    case DType::kI64:
      return put(value.i);
    case DType::kI32:
      return put(static_cast<int32_t>(value.i));
    case DType::kI16:
      return put(static_cast<int16_t>(value.i));
    case DType::kI8:
      return put(static_cast<int8_t>(value.i));
    case DType::kU8:
      return put(static_cast<uint8_t>(value.i));
    default:
      return put(static_cast<uint8_t>(value.i != 0));
  }
}

inline Number number_of(DType type, double value) {
  return is_float(type) ? Number{value} : Number{0, static_cast<int64_t>(value)};
}

// Normal values, or small integers.
inline void randomize(Context& context, const TensorView& view, uint32_t seed, double scale = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  for (int64_t k = 0; k < view.numel(); ++k) {
    double value = normal(random) * scale;
    write(context, view, k, is_float(view.dtype) ? Number{value} : Number{0, std::llround(value * 10)});
  }
}

inline std::vector<double> values(Context& context, const TensorView& view) {
  std::vector<double> out(view.numel());
  for (int64_t k = 0; k < view.numel(); ++k) out[k] = read_double(context, view, k);
  return out;
}

// Runs a program once, as operation `map`.
inline void compute(Context& context, ProgramRef program, std::vector<TensorView> inputs, TensorView output) {
  Map op{program, inputs, {&output, 1}, {}};
  validate(op);
  run(context, op);
}

inline std::vector<Isa> supported_isas() {
  std::vector<Isa> out;
  for (Isa isa : {Isa::kBaseline, Isa::kAvx2, Isa::kAvx512})
    if (is_supported(isa)) out.push_back(isa);
  return out;
}

// Runs a test once for each instruction set.
class EachIsa {
 public:
  template <class F>
  static void run(F&& f) {
    Isa before = current_isa();
    for (Isa isa : supported_isas()) {
      set_isa(isa);
      f(isa);
    }
    set_isa(before);
  }
};

}  // namespace lineshaft::cpu::test
