// Operations over axes of very many elements: what a kernel's loops do along them must not end early. A case is run on
// the device and on the CPU backend with the same operands, and the results are compared. Operands are small whole
// numbers, so that most sums are exact in any order.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/bench.h"

namespace lineshaft::conformance {

// One device's run of a case.
class Trial {
 public:
  explicit Trial(OpenDevice& device) : device_(device) {}
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  // Whole numbers from `low` to `high`; for bool, either.
  TensorView input(DType dtype, const Shape& sizes, int64_t low = -2, int64_t high = 2);
  TensorView filled(DType dtype, const Shape& sizes, double value) {
    return made(dtype, sizes, [&] { return Number{value}; });
  }
  TensorView made(DType dtype, const Shape& sizes, const std::function<Number()>& element);
  TensorView output(DType dtype, const Shape& sizes) { return filled(dtype, sizes, 0); }
  std::mt19937_64& random() { return random_; }

  // Runs `op` and keeps the outputs. `tolerance`: by how much of the largest element's size they may be off.
  template <class Op>
  void run(const Op& op, const std::vector<TensorView>& outputs, double tolerance = 0) {
    device_.stream().record(op);
    keep(outputs, tolerance);
  }
  void wait() { device_.stream().wait(); }
  // Compares with what `other` kept.
  void compare(const Trial& other) const;

 private:
  struct Kept {
    std::vector<double> values;
    double tolerance;
  };
  void keep(const std::vector<TensorView>& outputs, double tolerance);

  OpenDevice& device_;
  std::mt19937_64 random_{11};
  std::vector<BufferId> buffers_;
  std::vector<Kept> kept_;
};

struct AxesCase {
  OpKind kind;
  std::string what;
  std::function<void(Trial&)> run;
};

class AxesTable {
 public:
  template <class Op>
  void add(std::string what, std::function<void(Trial&)> run) {
    cases_.push_back({OpTraits<Op>::kind, std::move(what), std::move(run)});
  }
  const std::vector<AxesCase>& cases() const { return cases_; }

 private:
  std::vector<AxesCase> cases_;
};

// Every operation over axes of `length` elements, by family.
void add_reductions(AxesTable& table, int64_t length);
void add_products(AxesTable& table, int64_t length);
void add_windows(AxesTable& table, int64_t length);
void add_indexed(AxesTable& table, int64_t length);
void add_resampling(AxesTable& table, int64_t length);
void add_linear(AxesTable& table, int64_t length);
// Over products of axes, as windows of 300 x 300 are.
void add_areas(AxesTable& table);
void add_softmax(AxesTable& table, const Shape& sizes, int axis);
void add_window_areas(AxesTable& table);
void add_resampling_areas(AxesTable& table);

}  // namespace lineshaft::conformance
