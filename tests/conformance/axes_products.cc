#include "conformance/axes.h"

namespace lineshaft::conformance {
namespace {

void add_matmul(AxesTable& table, DType type, int64_t batches, int64_t m, int64_t n, int64_t k) {
  table.add<Matmul>(concat(name_of(type), " ", shape_text(std::array{batches, m, k}), " by ", n), [=](Trial& t) {
    Shape a{m, k}, b{k, n}, c{m, n};
    if (batches > 1)
      for (Shape* sizes : {&a, &b, &c}) sizes->insert(sizes->begin(), batches);
    TensorView left = t.input(type, a), right = t.input(type, b), product = t.output(type, c);
    t.run(Matmul{left, right, product, {}}, {product}, type == DType::kF16 ? 2e-3 : 0);
  });
}

struct ConvSizes {
  int64_t images, channels, filters;
  Shape spatial, kernel;
  int32_t stride = 1;
};

void add_conv(AxesTable& table, const ConvSizes& s) {
  Shape input{s.images, s.channels}, weight{s.filters, s.channels}, output{s.images, s.filters};
  ConvGeometry g;
  g.stride = {s.stride, s.spatial.size() > 1 ? s.stride : 1, 1};
  for (size_t i = 0; i < s.spatial.size(); ++i) {
    input.push_back(s.spatial[i]);
    weight.push_back(s.kernel[i]);
    output.push_back((s.spatial[i] - s.kernel[i]) / s.stride + 1);
  }
  std::string where = concat(shape_text(input), " by ", shape_text(weight));
  table.add<Conv>(where, [=](Trial& t) {
    TensorView x = t.input(DType::kF32, input), w = t.input(DType::kF32, weight), y = t.output(DType::kF32, output);
    t.run(Conv{x, w, y, g, {}}, {y}, 1e-6);
  });
  table.add<ConvGradInput>(where, [=](Trial& t) {
    TensorView dy = t.input(DType::kF32, output), w = t.input(DType::kF32, weight), dx = t.output(DType::kF32, input);
    t.run(ConvGradInput{dy, w, dx, g, {}}, {dx}, 1e-6);
  });
  table.add<ConvGradWeight>(where, [=](Trial& t) {
    TensorView x = t.input(DType::kF32, input), dy = t.input(DType::kF32, output), dw = t.output(DType::kF32, weight);
    t.run(ConvGradWeight{x, dy, dw, g}, {dw}, 1e-6);
  });
}

void add_attention(AxesTable& table, int64_t batches, int64_t queries, int64_t keys, bool causal) {
  std::string where = concat(batches, " batches, ", queries, " queries, ", keys, " keys", causal ? ", causal" : "");
  Shape q{batches, 1, queries, 4}, k{batches, 1, keys, 4};
  AttentionParams params{.scale = 0.25, .causal = causal};
  table.add<Attention>(where, [=](Trial& t) {
    TensorView query = t.input(DType::kF32, q), key = t.input(DType::kF32, k), value = t.input(DType::kF32, k),
               y = t.output(DType::kF32, q), sums = t.output(DType::kF32, {batches, 1, queries});
    t.run(Attention{query, key, value, {}, y, sums, params}, {y, sums}, 1e-4);
  });
  table.add<AttentionGrad>(where, [=](Trial& t) {
    TensorView query = t.input(DType::kF32, q), key = t.input(DType::kF32, k), value = t.input(DType::kF32, k),
               y = t.output(DType::kF32, q), sums = t.output(DType::kF32, {batches, 1, queries}),
               dy = t.input(DType::kF32, q), dq = t.output(DType::kF32, q), dk = t.output(DType::kF32, k),
               dv = t.output(DType::kF32, k);
    t.run(Attention{query, key, value, {}, y, sums, params}, {sums}, 1e-4);
    t.run(AttentionGrad{dy, query, key, value, {}, y, sums, dq, dk, dv, params}, {dq, dk, dv}, 1e-4);
  });
}

}  // namespace

void add_products(AxesTable& table, int64_t length) {
  for (DType type : {DType::kF32, DType::kF64, DType::kI64, DType::kI32, DType::kF16})
    if (size_of(type) < 8 || length < 200'000)  // larger ones pass what lavapipe binds at once
      add_matmul(table, type, 1, 3, 5, length);
  add_matmul(table, DType::kF32, 1, length, 4, 3);
  add_matmul(table, DType::kF32, 1, 4, length, 3);
  add_matmul(table, DType::kF32, length, 2, 2, 3);
  add_conv(table, {1, 1, 2, {length + 3}, {length}});
  add_conv(table, {2, length, 2, {3}, {1}});
  add_conv(table, {2, 1, length, {3}, {2}});
  add_conv(table, {length, 1, 2, {3}, {2}});
  add_conv(table, {1, 2, 2, {length}, {3}});
  add_attention(table, 1, 2, length, false);
  add_attention(table, 1, length, 3, false);
  add_attention(table, length, 1, 2, false);
  add_attention(table, 2, 3, length, true);
}

void add_areas(AxesTable& table) {
  add_matmul(table, DType::kF32, 1, 3, 5, 524'287);  // beyond what one dispatch of a processor's kernel sums
  add_conv(table, {1, 1, 1, {301, 302}, {300, 300}});
  add_conv(table, {1, 2, 1, {1200, 300}, {3, 290}, 3});
  add_softmax(table, {2, 180'001}, 1);  // beyond what one workgroup of a processor goes along
  add_window_areas(table);
  add_resampling_areas(table);
}

}  // namespace lineshaft::conformance
