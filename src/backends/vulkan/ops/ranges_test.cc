// Every operation of the catalogue on operands of about 150 KiB and 40,000 elements: run with LINESHAFT_VULKAN_RANGE
// and LINESHAFT_VULKAN_ELEMENTS below that, each goes beyond what the device binds and kernels count.
#include "backends/vulkan/device/operations_pair.h"
#include "lineshaft/ops/catalogue.h"
#include "lineshaft/program/expression.h"
#include "support/examples.h"

namespace lineshaft::vulkan {
namespace {

constexpr DType kF32 = DType::kF32;
constexpr DType kI64 = DType::kI64;

class Ranges {
 public:
  explicit Ranges(Pair& pair) : pair_(pair) {}

  void map() {
    TensorView x = wide(), y = wide(), result = wide(), transposed = make({400, 100});
    std::swap(transposed.sizes[0], transposed.sizes[1]);
    std::swap(transposed.strides[0], transposed.strides[1]);
    Scalar arg = Scalar::of(0.5);
    for (const TensorView& other : {y, transposed}) {
      TensorView inputs[] = {x, other};
      pair_.expect_same(Map{.program = examples::multiply_add(),
                            .inputs = inputs,
                            .outputs = List<TensorView>(&result, 1),
                            .args = List<Scalar>(&arg, 1)},
                        {result}, 1e-6);
    }
    ProgramBuilder p;  // that asks for its position
    p.output(p.input(kF32) + cast(p.linear(), kF32), kF32);
    pair_.expect_same(Map{.program = p.finish(),
                          .inputs = List<TensorView>(&transposed, 1),
                          .outputs = List<TensorView>(&result, 1),
                          .args = {}},
                      {result}, 0);
  }
  void map_each() {
    TensorView inputs[] = {wide(), wide(), make({5}), make({5})}, outputs[] = {wide(), make({5})};
    Scalar args[] = {Scalar::of(0.5), Scalar::of(2.0)};
    pair_.expect_same(MapEach{.program = examples::multiply_add(), .inputs = inputs, .outputs = outputs, .args = args},
                      {outputs[0], outputs[1]}, 1e-6);
  }
  void reduce() {
    struct Case {
      uint8_t axes;
      std::vector<int64_t> sizes;
    };
    for (const Case& c : {Case{1, {1, 400}}, Case{2, {100, 1}}, Case{3, {1, 1}}})
      for (DType type : {kF32, kI64, DType::kBF16})
        for (ReduceKind kind : {ReduceKind::kSum, ReduceKind::kMax}) {
          TensorView input = pair_.make(type, {100, 400}), output = pair_.make(type, c.sizes);
          pair_.expect_same(Reduce{.kind = kind,
                                   .axes = c.axes,
                                   .inputs = List<TensorView>(&input, 1),
                                   .output = output,
                                   .indices = {},
                                   .variance = {}},
                            {output}, type == DType::kBF16 ? 8e-3 : 2e-5);
        }
    positions_and_moments();
    programs_around();
  }
  void scan() {
    for (int axis : {0, 1}) {
      Scan op = examples::scan();
      op.axis = axis;
      op.input = wide();
      op.output = wide();
      op.indices = pair_.make(kI64, {100, 400});
      pair_.expect_same(op, {op.output, op.indices});
      op.kind = ScanKind::kSum;
      op.indices = {};
      pair_.expect_same(op, {op.output});
    }
  }
  void matmul() {
    for (DType type : {kF32, DType::kF16, kI64}) {
      double tolerance = type == DType::kF16 ? 2e-3 : 2e-5;
      for (auto [m, k, n] : {std::array<int64_t, 3>{300, 70, 200}, {40, 300, 130}, {1, 120, 333}, {333, 120, 1}}) {
        TensorView a = pair_.make(type, {m, k}), b = pair_.make(type, {k, n}), c = pair_.make(type, {m, n});
        pair_.expect_same(Matmul{.a = a, .b = b, .output = c}, {c}, tolerance);
      }
      TensorView a = pair_.make(type, {90, 20, 30}), b = pair_.make(type, {1, 30, 25}),
                 c = pair_.make(type, {90, 20, 25});
      b.sizes[0] = 90;
      b.strides[0] = 0;
      pair_.expect_same(Matmul{.a = a, .b = b, .output = c}, {c}, tolerance);
    }
  }
  void conv() {
    Conv op = convolution();
    pair_.expect_same(op, {op.output});
  }
  void conv_grad_input() {
    Conv forward = convolution();
    pair_.expect_same(ConvGradInput{.grad_output = forward.output,
                                    .weight = forward.weight,
                                    .output = forward.input,
                                    .geometry = forward.geometry},
                      {forward.input});
  }
  void conv_grad_weight() {
    Conv forward = convolution();
    pair_.expect_same(ConvGradWeight{.input = forward.input,
                                     .grad_output = forward.output,
                                     .output = forward.weight,
                                     .geometry = forward.geometry},
                      {forward.weight}, 1e-4);
  }
  void pool() {
    Pool op = pooling();
    pair_.expect_same(op, {op.output, op.indices});
  }
  void pool_grad() {
    Pool forward = pooling();
    pair_.expect_same(forward, {forward.indices});
    pair_.expect_same(PoolGrad{.grad_output = forward.output,
                               .indices = forward.indices,
                               .output = forward.input,
                               .geometry = forward.geometry},
                      {forward.input});
  }
  void normalize() {
    for (uint8_t axes : {1, 2}) {
      Normalize op = normalization(axes);
      pair_.expect_same(op, {op.output, op.mean, op.rstd}, 1e-4);
    }
  }
  void normalize_grad() {
    for (uint8_t axes : {1, 2}) {
      Normalize forward = normalization(axes);
      pair_.expect_same(forward, {forward.mean, forward.rstd}, 1e-4);
      NormalizeGrad op{.axes = axes,
                       .grad_output = wide(),
                       .input = forward.input,
                       .weight = forward.weight,
                       .mean = forward.mean,
                       .rstd = forward.rstd,
                       .grad_input = wide(),
                       .grad_weight = make({1, 400}),
                       .grad_bias = make({1, 400})};
      pair_.expect_same(op, {op.grad_input, op.grad_weight, op.grad_bias}, 1e-4);
    }
  }
  void softmax() {
    for (int axis : {0, 1}) {
      Softmax op{.axis = axis, .log = axis == 0, .input = wide(), .output = wide()};
      pair_.expect_same(op, {op.output});
    }
  }
  void softmax_grad() {
    for (int axis : {0, 1}) {
      SoftmaxGrad op{.axis = axis, .log = axis == 1, .grad_output = wide(), .output = wide(), .grad_input = wide()};
      pair_.expect_same(op, {op.grad_input});
    }
  }
  void attention() {
    Attention op = heads();
    pair_.expect_same(op, {op.output, op.logsumexp}, 1e-4);
  }
  void attention_grad() {
    Attention forward = heads();
    pair_.expect_same(forward, {forward.output, forward.logsumexp}, 1e-4);
    AttentionGrad op{.grad_output = make({2, 5, 60, 70}),
                     .query = forward.query,
                     .key = forward.key,
                     .value = forward.value,
                     .mask = forward.mask,
                     .output = forward.output,
                     .logsumexp = forward.logsumexp,
                     .grad_query = make({2, 5, 60, 64}),
                     .grad_key = make({2, 5, 80, 64}),
                     .grad_value = make({2, 5, 80, 70}),
                     .params = forward.params};
    pair_.expect_same(op, {op.grad_query, op.grad_key, op.grad_value}, 1e-4);
  }
  void gather() {
    for (DType type : {kF32, DType::kF16, DType::kI8, kI64}) {
      Rows rows(pair_, type);
      pair_.expect_same(Gather{.input = rows.base,
                               .indices = List<TensorView>(&rows.index, 1),
                               .index_strides = rows.strides,
                               .bounds = rows.bounds,
                               .wrap = true,
                               .output = rows.values},
                        {rows.values}, 0);
    }
  }
  void scatter() {
    for (DType type : {kF32, DType::kF16, DType::kI8, kI64})
      for (ScatterKind kind : {ScatterKind::kAdd, ScatterKind::kAssign}) {
        Rows rows(pair_, type);
        pair_.expect_same(Scatter{.kind = kind,
                                  .target = rows.base,
                                  .indices = List<TensorView>(&rows.index, 1),
                                  .index_strides = rows.strides,
                                  .bounds = rows.bounds,
                                  .wrap = true,
                                  .source = rows.values},
                          {rows.table}, type == DType::kF16 ? 2e-3 : 1e-5);
      }
  }
  void sort() {
    for (int axis : {0, 1}) {
      Sort op{
          .axis = axis, .descending = true, .input = wide(), .values = wide(), .indices = pair_.make(kI64, {100, 400})};
      pair_.expect_same(op, {op.values, op.indices}, 0);
    }
  }
  void topk() {
    TopK op{.axis = 1, .input = wide(), .values = make({100, 170}), .indices = pair_.make(kI64, {100, 170})};
    pair_.expect_same(op, {op.values, op.indices}, 0);
  }
  // In rows of a table, and all in one.
  void search_sorted() {
    constexpr int64_t kSize = 4'000;
    for (DType type : {kF32, DType::kF16, DType::kI8, kI64})
      for (int64_t row : {kSize, int64_t{0}}) {
        TensorView first = pair_.make(type, {4, kSize}), values = pair_.make(type, {4, 10'000}),
                   output = pair_.make(kI64, {4, 10'000});
        first.sizes[1] = 10'000;
        first.strides = {row, 0};
        const int64_t index_strides[] = {1}, bounds[] = {kSize};
        pair_.expect_same(SearchSorted{.sequence = first,
                                       .index_strides = index_strides,
                                       .bounds = bounds,
                                       .values = values,
                                       .output = output},
                          {output}, 0);
      }
  }
  void compact() {
    constexpr int64_t kCount = 16'000;
    Compact op{.mask = pair_.make(kI64, {kCount}),
               .positions = pair_.make(kI64, {kCount}, 0, 0.5),
               .count = pair_.make(kI64, {})};
    pair_.expect_same(op, {op.positions, op.count}, 0);
  }
  void resample() {
    for (ResampleKind kind : {ResampleKind::kLinear, ResampleKind::kNearest}) {
      Resample op = examples::resample();
      op.geometry.kind = kind;
      op.input = make({12, 2, 30, 32});
      op.output = make({12, 2, 60, 64});
      pair_.expect_same(op, {op.output});
    }
    Resample op{.input = make({12, 2, 30, 32}),
                .grid = pair_.make(kF32, {12, 35, 38, 2}, -1, 1),
                .output = make({12, 2, 35, 38}),
                .geometry = {.kind = ResampleKind::kLinear, .padding = ResamplePadding::kBorder}};
    pair_.expect_same(op, {op.output}, 1e-4);
  }
  void resample_grad() {
    ResampleGrad op = examples::resample_grad();
    op.grad_output = make({12, 2, 35, 38});
    op.input = make({12, 2, 30, 32});
    op.grid = pair_.make(kF32, {12, 35, 38, 2}, -1, 1);
    op.grad_input = make({12, 2, 30, 32});
    op.grad_grid = make({12, 35, 38, 2});
    pair_.expect_same(op, {op.grad_input, op.grad_grid}, 1e-3);
    ResampleGrad regular{.grad_output = make({12, 2, 60, 64}),
                         .input = {},
                         .grid = {},
                         .grad_input = make({12, 2, 30, 32}),
                         .grad_grid = {},
                         .geometry = examples::resample().geometry};
    pair_.expect_same(regular, {regular.grad_input});
  }
  void unfold() {
    Unfold op = windows();
    pair_.expect_same(op, {op.output}, 0);
  }
  void fold() {
    Unfold forward = windows();
    pair_.expect_same(
        Fold{.input = forward.output, .output = forward.input, .kernel = forward.kernel, .geometry = forward.geometry},
        {forward.input});
  }
  void sample() {
    Sample op{.kind = SampleKind::kPoisson,
              .seed = 3,
              .offset = 5,
              .parameter = pair_.make(kF32, {3, 13'000}, 0.5, 4),
              .output = make({3, 13'000})};
    pair_.expect_same(op, {op.output}, 0);
  }
  void cholesky() {
    Cholesky op{.input = pair_.make(kF32, {40'000, 1, 1}, 0.5, 4),
                .output = make({40'000, 1, 1}),
                .info = pair_.make(DType::kI32, {40'000})};
    pair_.expect_same(op, {op.output, op.info}, 1e-6);
  }
  // One matrix is not split: what kernels count, with the padding of products, is its limit.
  void triangular_solve() {
    TriangularSolve op{
        .upper = true, .a = pair_.make(kF32, {1, 3, 3}, 1, 3), .b = make({1, 3, 5'000}), .output = make({1, 3, 5'000})};
    pair_.expect_same(op, {op.output}, 1e-5);
  }
  void lu() {
    Lu op{.input = make({1, 80, 60}),
          .output = make({1, 80, 60}),
          .pivots = pair_.make(DType::kI32, {1, 60}),
          .info = pair_.make(DType::kI32, {1})};
    pair_.expect_same(op, {op.output, op.pivots, op.info}, 1e-5);
  }
  void unpack_pivots() {
    UnpackPivots op{.pivots = pair_.make(DType::kI32, {1, 15'000}, 0, 14'999), .rows = pair_.make(kI64, {1, 15'000})};
    pair_.expect_same(op, {op.rows}, 0);
  }
  void qr() {
    Qr op{.input = make({1, 80, 60}), .output = make({1, 80, 60}), .tau = make({1, 60})};
    pair_.expect_same(op, {op.output, op.tau}, 1e-3);
  }
  void apply_reflectors() {
    ApplyReflectors op{.reflectors = make({1, 220, 20}),
                       .tau = pair_.make(kF32, {1, 20}, 1e-5, 1e-4),
                       .input = make({1, 220, 20}),
                       .output = make({1, 220, 20})};
    pair_.expect_same(op, {op.output}, 1e-4);
  }
  void check() {
    for (bool good : {true, false}) {
      pair_.gpu().stream().record(Check{.condition = pair_.make(DType::kBool, {100, 400}, good ? 1 : -1, 2)});
      if (good)
        pair_.gpu().stream().wait();
      else
        EXPECT_THROW(pair_.gpu().stream().wait(), Error);
    }
  }

 private:
  // Rows of a table, by an index each.
  struct Rows {
    static constexpr int64_t kTable = 250, kCount = 600, kWidth = 64;
    Rows(Pair& pair, DType type)
        : table(pair.make(type, {kTable, kWidth})),
          base(table),
          index(pair.make(kI64, {kCount, 1}, 0, kTable - 1)),
          values(pair.make(type, {kCount, kWidth})) {
      base.sizes[0] = index.sizes[0] = kCount;
      base.strides[0] = 0;
      index.sizes[1] = kWidth;
      index.strides[1] = 0;
    }
    TensorView table, base, index, values;
    int64_t stride = kWidth, bound = kTable;
    List<int64_t> strides{&stride, 1}, bounds{&bound, 1};
  };

  TensorView make(std::vector<int64_t> sizes) { return pair_.make(kF32, std::move(sizes)); }
  TensorView wide() { return make({100, 400}); }
  Conv convolution() {
    Conv op = examples::conv();
    op.input = make({6, 4, 40, 60});
    op.output = make({6, 6, 20, 60});
    op.weight = make({6, 2, 3, 3});
    return op;
  }
  Pool pooling() {
    Pool op = examples::pool();
    op.input = make({6, 5, 60, 50});
    op.output = make({6, 5, 30, 25});
    op.indices = pair_.make(kI64, {6, 5, 30, 25});
    return op;
  }
  Normalize normalization(uint8_t axes) {
    TensorView weight = make({1, 400});
    weight.sizes[0] = 100;
    weight.strides[0] = 0;
    std::vector<int64_t> kept = axes == 1 ? std::vector<int64_t>{1, 400} : std::vector<int64_t>{100, 1};
    return {.axes = axes,
            .input = wide(),
            .weight = weight,
            .bias = weight,
            .mean = make(kept),
            .rstd = make(kept),
            .output = wide()};
  }
  Attention heads() {
    return {.query = make({2, 5, 60, 64}),
            .key = make({2, 5, 80, 64}),
            .value = make({2, 5, 80, 70}),
            .mask = {},
            .output = make({2, 5, 60, 70}),
            .logsumexp = make({2, 5, 60}),
            .params = {.scale = 0.1, .causal = true, .dropout = 0.1, .seed = 7}};
  }
  Unfold windows() {
    Unfold op = examples::unfold();
    op.input = make({6, 4, 30, 31});
    op.output = make({6, 16, 15 * 29});
    op.kernel = {2, 2, 1};
    op.geometry = {.stride = {2, 1, 1}, .dilation = {1, 2, 1}};
    return op;
  }
  void positions_and_moments() {
    TensorView input = wide();
    Reduce op{.kind = ReduceKind::kMinIndex,
              .axes = 2,
              .inputs = List<TensorView>(&input, 1),
              .output = make({100, 1}),
              .indices = pair_.make(kI64, {100, 1}),
              .variance = {}};
    pair_.expect_same(op, {op.output, op.indices}, 0);
    op.kind = ReduceKind::kMeanVar;
    op.indices = {};
    op.variance = make({100, 1});
    pair_.expect_same(op, {op.output, op.variance}, 1e-4);
  }
  // A prologue and an epilogue that ask for their positions.
  void programs_around() {
    ProgramBuilder before, after;
    before.output(before.input(kF32) + cast(before.index(0), kF32), kF32);
    after.output(after.input(kF32) * cast(after.linear() + 1, kF32), kF32);
    TensorView input = wide();
    Reduce op{.kind = ReduceKind::kSum,
              .axes = 2,
              .prologue = before.finish(),
              .inputs = List<TensorView>(&input, 1),
              .output = make({100, 1}),
              .indices = {},
              .variance = {},
              .epilogue = {.program = after.finish()}};
    pair_.expect_same(op, {op.output}, 1e-4);
  }

  Pair& pair_;
};

class VulkanRanges : public testing::Test {
 protected:
  void SetUp() override {
    pair = Pair::open();
    if (!pair) GTEST_SKIP() << "there is no Vulkan device";
  }
  std::unique_ptr<Pair> pair;
};

#define LINESHAFT_OPERATION(Type, name) \
  TEST_F(VulkanRanges, Type) {          \
    Ranges(*pair).name();               \
  }
#include "lineshaft/ops/catalogue.def"

}  // namespace
}  // namespace lineshaft::vulkan
