// The workbench of the conformance suite: random operands with a host image of their memory, one operation run on a
// device, and the comparison with a reference. Bytes that no output covers must come back as they were.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>

#include "conformance/array.h"
#include "lineshaft/device/registry.h"

namespace lineshaft::conformance {

// How inputs are filled.
struct Fill {
  double low = -2, high = 2;
  bool edges = false;  // also NaN, infinities, -0, the smallest and the largest
};

enum class Layout {
  kAny,      // stride 0 and negative strides too
  kForward,  // each element once, strides not negative
};

// What an output must hold. `scale` bounds the size of the terms that were added up on the way (absent: the value
// itself); the error may be `units` roundings of the accumulator at that scale, and one rounding to the output's dtype.
struct Expected {
  TensorView view;
  Array value;
  Array scale;
  double units = 0;
  DType computed = DType::kBool;  // the accumulator's dtype; kBool: what the output's dtype tells
  int64_t elements = -1;          // compare only the first ones; -1: all
};

class Bench {
 public:
  Bench(OpenDevice& device, uint64_t seed);
  ~Bench();

  std::mt19937_64 random;
  int64_t uniform(int64_t low, int64_t high);  // both included
  bool chance(double probability);
  template <class T>
  T pick(std::initializer_list<T> values) {
    return values.begin()[uniform(0, static_cast<int64_t>(values.size()) - 1)];
  }
  // A size from 1 (rarely 0, where `empty`) to `most`, small ones likely.
  int64_t size(int64_t most, bool empty = true);
  Shape shape(int low_rank, int high_rank, int64_t most, bool empty = true);

  // A buffer of its own, in a random layout.
  TensorView input(DType dtype, std::span<const int64_t> sizes, Fill fill = {}, Layout layout = Layout::kAny);
  TensorView output(DType dtype, std::span<const int64_t> sizes);
  // A view with these elements.
  TensorView input(DType dtype, const Array& values);
  // The same in a random layout.
  TensorView laid_out(DType dtype, const Array& values);
  // The image's elements, as last written by the host.
  Array load(const TensorView& view) const;

  // Runs `op` and compares. An accelerator must have been sent kernels.
  template <class Op>
  void check(const Op& op, const std::vector<Expected>& expected) {
    check(op, expected, views_written(op));
  }
  // For operations that write what their views do not show (scatter): `written` covers it.
  template <class Op>
  void check(const Op& op, const std::vector<Expected>& expected, const std::vector<TensorView>& written) {
    CommandList text;
    text.add(op, nullptr, 0);
    bool works = std::ranges::any_of(views_written(op), [](const TensorView& view) { return view.numel() > 0; });
    auto record = [&] { device_.stream().record(op); };
    run(record, to_string(text), expected, written, works);
  }
  // The error that running `op` ends with; empty when there is none.
  template <class Op>
  std::string error_of(const Op& op) {
    return error_text([&] { device_.stream().record(op); });
  }

  // After a run that check() did not make: the view must hold these elements, and its buffer nothing else new.
  void adopt(const TensorView& view, const Array& value);

  OpenDevice& device() { return device_; }
  // Whether results below the smallest normal number are kept; what flushes them gives 0.
  bool keeps_denormals() const {
    return is_cpu() || std::ranges::count(device_.properties().features, "denormals") > 0;
  }
  bool is_cpu() const { return device_.properties().device_class == DeviceClass::kCpu; }
  // The device's bytes of a buffer now.
  std::vector<std::byte> read(BufferId buffer);

 private:
  template <class Op>
  static std::vector<TensorView> views_written(const Op& op) {
    std::vector<TensorView> views;
    for_each_view(op, [&](const TensorView& view, bool, bool writes) {
      if (writes) views.push_back(view);
    });
    return views;
  }
  TensorView place(TensorView view, int64_t elements_below, int64_t span, bool as_output, Fill fill);
  void run(const std::function<void()>& record, const std::string& text, const std::vector<Expected>& expected,
           const std::vector<TensorView>& written, bool works);
  std::string error_text(const std::function<void()>& record);
  void compare(const Expected& expected, const std::vector<std::byte>& bytes, const std::string& text);

  OpenDevice& device_;
  std::unordered_map<uint64_t, std::vector<std::byte>> images_;
};

// How many roundings a sum of `terms` terms may be off by, whatever its order.
double sum_units(int64_t terms);

// A random value of `dtype`, as its bytes.
void random_element(std::mt19937_64& random, DType dtype, Fill fill, std::byte* to);
void store_element(Number value, DType dtype, std::byte* to);

// |got - want| in the comparison's terms.
bool close(Number got, Number want, Number scale, double units, DType dtype, DType computed);

// One test a device. Each TEST_P calls rounds() with what one random case does.
class Conformance : public testing::TestWithParam<std::string> {
 public:
  static void TearDownTestSuite();  // closes the devices

 protected:
  void rounds(int count, const std::function<void(Bench&)>& one);
};

std::vector<std::string> device_ids();
int rounds_factor();    // LINESHAFT_CONFORMANCE_ROUNDS, 1 by default
uint64_t first_seed();  // LINESHAFT_CONFORMANCE_SEED, 1 by default

inline constexpr DType kAllDTypes[] = {DType::kF64, DType::kF32, DType::kF16, DType::kBF16, DType::kI64,
                                       DType::kI32, DType::kI16, DType::kI8,  DType::kU8,   DType::kBool};
DType any_dtype(Bench& bench);
DType float_dtype(Bench& bench);
// f32, or f64 for f64.
constexpr DType accumulator(DType dtype) {
  return dtype == DType::kF64 ? DType::kF64 : DType::kF32;
}

}  // namespace lineshaft::conformance
