// Every operation on the Vulkan device against the CPU backend, on a few shapes that take its different paths. The
// conformance suite goes further.
#include <gtest/gtest.h>

#include "backends/vulkan/device/operations_pair.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::vulkan {
namespace {

TensorView transposed(TensorView view) {
  std::swap(view.sizes[view.rank - 1], view.sizes[view.rank - 2]);
  std::swap(view.strides[view.rank - 1], view.strides[view.rank - 2]);
  return view;
}

class VulkanOperations : public testing::Test {
 protected:
  void SetUp() override {
    pair = Pair::open();
    if (!pair) GTEST_SKIP() << "there is no Vulkan device";
  }
  std::unique_ptr<Pair> pair;
};

TEST_F(VulkanOperations, Matmul) {
  for (auto [m, n, k] : {std::array<int64_t, 3>{1, 1, 1}, {7, 65, 9}, {64, 64, 64}, {33, 130, 100}}) {
    for (DType type : {DType::kF32, DType::kF16, DType::kBF16, DType::kI32, DType::kI64}) {
      double tolerance = type == DType::kF16 ? 2e-3 : type == DType::kBF16 ? 1e-2 : 2e-5;
      TensorView c = pair->make(type, {m, n}), batched = pair->make(type, {3, m, n});
      pair->expect_same(Matmul{pair->make(type, {m, k}), pair->make(type, {k, n}), c, {}}, {c}, tolerance);
      pair->expect_same(Matmul{transposed(pair->make(type, {k, m})), transposed(pair->make(type, {n, k})), c, {}}, {c},
                        tolerance);
      pair->expect_same(Matmul{pair->make(type, {3, m, k}), transposed(pair->make(type, {3, n, k})), batched, {}},
                        {batched}, tolerance);
    }
  }
  if (!pair->has("f64")) return;
  TensorView c = pair->make(DType::kF64, {20, 70});
  pair->expect_same(Matmul{pair->make(DType::kF64, {20, 40}), pair->make(DType::kF64, {40, 70}), c, {}}, {c}, 1e-13);
}

// Few tiles and a long sum: on a GPU k is cut into parts.
TEST_F(VulkanOperations, MatmulOfLongRows) {
  for (DType type : {DType::kF32, DType::kF16, DType::kI64}) {
    double tolerance = type == DType::kF16 ? 2e-3 : 2e-5;
    TensorView c = pair->make(type, {30, 77}), batched = pair->make(type, {2, 9, 20});
    pair->expect_same(Matmul{pair->make(type, {30, 3001}), pair->make(type, {3001, 77}), c, {}}, {c}, tolerance);
    pair->expect_same(Matmul{pair->make(type, {2, 9, 1100}), pair->make(type, {2, 1100, 20}), batched, {}}, {batched},
                      tolerance);
  }
}

// More tiles than a GPU is taken to have cores.
TEST_F(VulkanOperations, MatmulOfManyTiles) {
  for (DType type : {DType::kF32, DType::kF16}) {
    TensorView c = pair->make(DType::kF32, {11, 300, 200});
    pair->expect_same(Matmul{pair->make(type, {11, 300, 40}), pair->make(type, {11, 40, 200}), c, {}}, {c}, 2e-5);
  }
}

TEST_F(VulkanOperations, MatmulWithEpilogue) {
  ProgramBuilder p;
  Expr r = p.input(DType::kF32), bias = p.input(DType::kF32);
  p.output(max(r + bias, 0.0), DType::kF32);
  TensorView b = pair->make(DType::kF32, {30}), c = pair->make(DType::kF32, {17, 30});
  TensorView spread = broadcast_to(b, c.shape());
  pair->expect_same(Matmul{pair->make(DType::kF32, {17, 12}),
                           pair->make(DType::kF32, {12, 30}),
                           c,
                           {p.finish(), List<TensorView>(&spread, 1), {}}},
                    {c});
}

TEST_F(VulkanOperations, Reduce) {
  for (uint8_t axes : {1, 2, 4, 3, 6, 5, 7}) {
    for (auto kind :
         {ReduceKind::kSum, ReduceKind::kProd, ReduceKind::kMin, ReduceKind::kMax, ReduceKind::kAny, ReduceKind::kAll,
          ReduceKind::kArgMin, ReduceKind::kArgMax, ReduceKind::kMinIndex, ReduceKind::kMeanVar}) {
      for (DType type : {DType::kF32, DType::kF16, DType::kI32, DType::kI64, DType::kI8, DType::kBool}) {
        bool logical = kind == ReduceKind::kAny || kind == ReduceKind::kAll,
             argument = kind == ReduceKind::kArgMin || kind == ReduceKind::kArgMax;
        bool adds = kind == ReduceKind::kSum || kind == ReduceKind::kProd;
        if ((type == DType::kBool && !logical) || (kind == ReduceKind::kMeanVar && !is_float(type))) continue;
        std::vector<int64_t> sizes{5, 37, 70}, kept = sizes;
        for (int i = 0; i < 3; ++i)
          if (axes >> i & 1) kept[i] = 1;
        Reduce op;
        op.kind = kind;
        op.axes = axes;
        op.correction = 1;
        double reach = kind == ReduceKind::kProd ? 1.02 : 2, low = kind == ReduceKind::kProd ? 0.98 : -2;
        TensorView input = pair->make(type, sizes, is_int(type) ? -90 : low, is_int(type) ? 90 : reach);
        op.inputs = List<TensorView>(&input, 1);
        DType result = logical                        ? DType::kBool
                       : argument                     ? DType::kI64
                       : adds && is_int(type)         ? DType::kI64
                       : kind == ReduceKind::kMeanVar ? DType::kF32
                                                      : type;
        op.output = pair->make(result, kept);
        std::vector<TensorView> outputs{op.output};
        if (kind == ReduceKind::kMinIndex) outputs.push_back(op.indices = pair->make(DType::kI64, kept));
        if (kind == ReduceKind::kMeanVar) outputs.push_back(op.variance = pair->make(DType::kF32, kept));
        pair->expect_same(op, outputs, type == DType::kF16 ? 2e-3 : 5e-5);
      }
    }
  }
}

TEST_F(VulkanOperations, SoftmaxAndScan) {
  for (DType type : {DType::kF32, DType::kF16}) {
    for (int axis : {0, 1, 2}) {
      for (bool log : {false, true}) {
        TensorView x = pair->make(type, {3, 20, 33}), y = pair->make(type, {3, 20, 33}),
                   g = pair->make(type, {3, 20, 33});
        double tolerance = type == DType::kF16 ? 4e-3 : 2e-6;
        pair->expect_same(Softmax{axis, log, x, y}, {y}, tolerance);
        pair->expect_same(SoftmaxGrad{axis, log, x, y, g}, {g}, tolerance);
      }
      for (auto kind : {ScanKind::kSum, ScanKind::kProd, ScanKind::kMax, ScanKind::kMin, ScanKind::kLogSumExp}) {
        TensorView x = pair->make(type, {3, 20, 33}, 0.8, 1.25), y = pair->make(type, {3, 20, 33});
        bool indexed = kind == ScanKind::kMax || kind == ScanKind::kMin;
        TensorView indices = indexed ? pair->make(DType::kI64, {3, 20, 33}) : TensorView{};
        std::vector<TensorView> outputs{y};
        if (indexed) outputs.push_back(indices);
        pair->expect_same(Scan{kind, axis, axis == 1, x, y, indices}, outputs, type == DType::kF16 ? 4e-3 : 5e-6);
      }
    }
  }
}

TEST_F(VulkanOperations, Normalize) {
  for (uint8_t axes : {13, 2, 12, 8}) {
    std::vector<int64_t> sizes{4, 6, 5, 7}, kept = sizes;
    for (int i = 0; i < 4; ++i)
      if (axes >> i & 1) kept[i] = 1;
    for (auto kind : {NormalizeKind::kStandard, NormalizeKind::kRms}) {
      TensorView x = pair->make(DType::kF32, sizes), y = pair->make(DType::kF32, sizes),
                 w = pair->make(DType::kF32, {1, 6, 1, 1}), b = pair->make(DType::kF32, {1, 6, 1, 1});
      TensorView mean = pair->make(DType::kF32, kept), rstd = pair->make(DType::kF32, kept);
      if (kind == NormalizeKind::kRms) mean = {};
      Normalize op{kind, axes, 1e-5, false, x, broadcast_to(w, sizes), broadcast_to(b, sizes), mean, rstd, y, {}};
      std::vector<TensorView> outputs{y, rstd};
      if (mean) outputs.push_back(mean);
      pair->expect_same(op, outputs);
      TensorView dy = pair->make(DType::kF32, sizes), dx = pair->make(DType::kF32, sizes),
                 dw = pair->make(DType::kF32, {1, 6, 1, 1}), db = pair->make(DType::kF32, {1, 6, 1, 1});
      for (bool constant : {false, true})
        pair->expect_same(NormalizeGrad{kind, axes, constant, dy, x, broadcast_to(w, sizes), mean, rstd, dx, dw, db},
                          {dx, dw, db}, 5e-5);
    }
  }
}

TEST_F(VulkanOperations, Convolution) {
  struct Case {
    int64_t n, c, o, h, w;
    int groups, stride, padding, dilation;
  };
  for (const Case& t :
       {Case{2, 3, 8, 9, 11, 1, 1, 1, 1}, Case{3, 4, 6, 10, 10, 2, 2, 1, 1}, Case{1, 6, 6, 8, 7, 6, 1, 2, 2}}) {
    ConvGeometry g{{t.stride, t.stride, 1},
                   {t.dilation, t.dilation, 1},
                   {t.padding, t.padding, 0},
                   {t.padding, t.padding, 0},
                   t.groups};
    auto out = [&](int64_t size, int i) { return conv_output_size(size, 3, g, i); };
    for (DType type : {DType::kF32, DType::kF16}) {
      double tolerance = type == DType::kF16 ? 3e-3 : 2e-5;
      TensorView x = pair->make(type, {t.n, t.c, t.h, t.w}), w = pair->make(type, {t.o, t.c / t.groups, 3, 3});
      TensorView y = pair->make(type, {t.n, t.o, out(t.h, 0), out(t.w, 1)}),
                 dx = pair->make(type, {t.n, t.c, t.h, t.w}), dw = pair->make(type, {t.o, t.c / t.groups, 3, 3});
      pair->expect_same(Conv{x, w, y, g, {}}, {y}, tolerance);
      pair->expect_same(ConvGradInput{y, w, dx, g, {}}, {dx}, tolerance);
      pair->expect_same(ConvGradWeight{x, y, dw, g}, {dw}, tolerance);
    }
  }
}

TEST_F(VulkanOperations, Pool) {
  for (auto kind : {PoolKind::kMax, PoolKind::kAverage, PoolKind::kAdaptiveMax, PoolKind::kAdaptiveAverage}) {
    bool maximum = kind == PoolKind::kMax || kind == PoolKind::kAdaptiveMax;
    PoolGeometry g;
    g.kind = kind;
    g.kernel = {3, 2, 1};
    g.stride = {2, 2, 1};
    g.padding = {1, 0, 0};
    g.count_include_pad = false;
    TensorView x = pair->make(DType::kF32, {2, 3, 9, 10}), y = pair->make(DType::kF32, {2, 3, 5, 5}),
               dx = pair->make(DType::kF32, {2, 3, 9, 10});
    TensorView indices = maximum ? pair->make(DType::kI64, {2, 3, 5, 5}) : TensorView{};
    std::vector<TensorView> outputs{y};
    if (maximum) outputs.push_back(indices);
    pair->expect_same(Pool{x, y, indices, g}, outputs);
    pair->expect_same(PoolGrad{y, indices, dx, g}, {dx});
  }
}

}  // namespace
}  // namespace lineshaft::vulkan
