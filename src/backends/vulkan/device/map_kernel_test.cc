// Maps large enough for four-wide kernels, in every dtype: operands read as texels where the device is a processor, as
// vectors where the kernel writes them too, element by element where they are not aligned.
#include "backends/vulkan/device/map_kernel.h"

#include "backends/vulkan/device/operations_pair.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::vulkan {
namespace {

constexpr int64_t kCount = 20'003;  // three elements are left over

class VulkanWideMap : public testing::TestWithParam<DType> {
 protected:
  void SetUp() override {
    pair = Pair::open();
    if (!pair) GTEST_SKIP() << "there is no Vulkan device";
    if (GetParam() == DType::kF64 && !pair->has("f64")) GTEST_SKIP() << "the device lacks f64";
  }

  TensorView make(int64_t count) { return pair->make(GetParam(), {count}); }
  // a + b, a - b: both outputs need both inputs.
  static ProgramRef both(DType type) {
    ProgramBuilder p;
    Expr a = p.input(type), b = p.input(type);
    p.output(type == DType::kBool ? a | b : a + b, type);
    p.output(type == DType::kBool ? a & b : a - b, type);
    return p.finish();
  }
  void expect_same(ProgramRef program, std::vector<TensorView> inputs, std::vector<TensorView> outputs) {
    pair->expect_same(Map{.program = program, .inputs = inputs, .outputs = outputs, .args = {}}, outputs, 0);
  }

  std::unique_ptr<Pair> pair;
};

TEST_P(VulkanWideMap, OfSeparateOperands) {
  expect_same(both(GetParam()), {make(kCount), make(kCount)}, {make(kCount), make(kCount)});
}

TEST_P(VulkanWideMap, OverItsInputs) {
  TensorView a = make(kCount), b = make(kCount);
  expect_same(both(GetParam()), {a, b}, {b, a});
}

// Each output is stored where the other's only input lies.
TEST_P(VulkanWideMap, ExchangesItsInputs) {
  ProgramBuilder p;
  Expr a = p.input(GetParam()), b = p.input(GetParam());
  p.output(b, GetParam());
  p.output(a, GetParam());
  TensorView first = make(kCount), second = make(kCount);
  expect_same(p.finish(), {first, second}, {first, second});
}

TEST_P(VulkanWideMap, OfPartsOfOneBuffer) {
  TensorView whole = make(3 * kCount + 9);
  for (int64_t start : {0, 1, 4, 8}) {
    auto part = [&](int64_t first) {
      TensorView view = contiguous_view(whole.buffer, GetParam(), {kCount});
      view.offset = first * size_of(GetParam());
      return view;
    };
    expect_same(both(GetParam()), {part(start), part(2 * kCount + start)}, {part(kCount + start), make(kCount)});
  }
}

TEST_P(VulkanWideMap, OfVectorsBesideBroadcasts) {
  TensorView rows = pair->make(GetParam(), {200, 128}), row = pair->make(GetParam(), {128}),
             one = pair->make(GetParam(), {1});
  TensorView out = pair->make(GetParam(), {200, 128}), other = pair->make(GetParam(), {200, 128});
  expect_same(both(GetParam()), {rows, broadcast_to(row, rows.shape())}, {out, other});
  expect_same(both(GetParam()), {broadcast_to(one, rows.shape()), rows}, {out, other});
}

INSTANTIATE_TEST_SUITE_P(Dtypes, VulkanWideMap,
                         testing::Values(DType::kF64, DType::kF32, DType::kF16, DType::kBF16, DType::kI64, DType::kI32,
                                         DType::kI16, DType::kI8, DType::kU8, DType::kBool),
                         [](const auto& info) { return std::string(name_of(info.param)); });

}  // namespace
}  // namespace lineshaft::vulkan
