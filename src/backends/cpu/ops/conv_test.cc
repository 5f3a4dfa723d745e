// Forward and both gradients against the definition.
#include "lineshaft/ops/conv.h"

#include <thread>

#include "backends/cpu/dnn/test_tensor.h"

namespace lineshaft::cpu::test {
namespace {

struct Shape {
  int64_t images, channels, features;
  Sizes size, kernel;
  ConvGeometry geometry;
};

Sizes with(int64_t a, int64_t b, const Sizes& rest) {
  Sizes sizes{a, b};
  sizes.insert(sizes.end(), rest.begin(), rest.end());
  return sizes;
}

struct Arrays {
  Sizes input, weight, output;
};

Arrays arrays_of(const Shape& s) {
  Sizes out;
  for (size_t i = 0; i < s.size.size(); ++i)
    out.push_back(conv_output_size(s.size[i], s.kernel[i], s.geometry, static_cast<int>(i)));
  return {with(s.images, s.channels, s.size), with(s.features, s.channels / s.geometry.groups, s.kernel),
          with(s.images, s.features, out)};
}

int64_t count(const Sizes& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<>());
}

// Calls f(input element, weight element, output element) for every product of the convolution.
template <class F>
void for_each_product(const Shape& s, F&& f) {
  Arrays a = arrays_of(s);
  int spatial = static_cast<int>(s.size.size());
  int64_t groups = s.geometry.groups, depth = a.weight[1], per_group = s.features / groups;
  int64_t area = count(s.size), taps = count(s.kernel),
          out_area = count(a.output) / std::max<int64_t>(a.output[0] * a.output[1], 1);
  for (int64_t n = 0; n < s.images; ++n)
    for (int64_t o = 0; o < s.features; ++o)
      for (int64_t x = 0; x < out_area; ++x)
        for (int64_t t = 0; t < taps; ++t) {
          int64_t y = 0, scale = 1, xr = x, tr = t;
          bool inside = true;
          for (int i = spatial - 1; i >= 0; --i) {
            int64_t at = xr % a.output[2 + i] * s.geometry.stride[i] + tr % s.kernel[i] * s.geometry.dilation[i] -
                         s.geometry.padding_begin[i];
            inside = inside && at >= 0 && at < s.size[i];
            y += at * scale;
            scale *= s.size[i];
            xr /= a.output[2 + i];
            tr /= s.kernel[i];
          }
          if (!inside) continue;
          for (int64_t c = 0; c < depth; ++c)
            f((n * s.channels + o / per_group * depth + c) * area + y, (o * depth + c) * taps + t,
              (n * s.features + o) * out_area + x);
        }
}

Layout layout_of(int kind, int rank) {
  if (kind == 1) return channels_last(rank);
  if (kind == 2) return {{}, 3, 2};
  return {};
}

void check(const Shape& s, DType type, int kind) {
  Arrays sizes = arrays_of(s);
  int rank = static_cast<int>(sizes.input.size());
  SCOPED_TRACE(concat(name_of(type), " ", shape_text(sizes.input), " * ", shape_text(sizes.weight), " layout ", kind));
  Layout layout = layout_of(kind, rank);
  Tensor input(type, sizes.input, layout), weight(type, sizes.weight, layout), grad(type, sizes.output, layout);
  Tensor output(type, sizes.output, layout), grad_input(type, sizes.input, layout),
      grad_weight(type, sizes.weight, layout);
  auto x = input.randomize(1), w = weight.randomize(2), g = grad.randomize(3);
  stream().record(Conv{input.view, weight.view, output.view, s.geometry, {}});
  stream().record(ConvGradInput{grad.view, weight.view, grad_input.view, s.geometry, {}});
  stream().record(ConvGradWeight{input.view, grad.view, grad_weight.view, s.geometry});
  std::vector<double> y(count(sizes.output)), gx(x.size()), gw(w.size());
  for_each_product(s, [&](int64_t i, int64_t k, int64_t o) {
    y[o] += x[i] * w[k];
    gx[i] += g[o] * w[k];
    gw[k] += g[o] * x[i];
  });
  int64_t terms = count(s.kernel) * s.channels,
          outer = s.images * count(sizes.output) / std::max<int64_t>(s.features * s.images, 1);
  {
    SCOPED_TRACE("forward");
    expect_close(output.read(), y, tolerance(type, terms), std::sqrt(terms));
  }
  {
    SCOPED_TRACE("grad_input");
    expect_close(grad_input.read(), gx, tolerance(type, terms), std::sqrt(terms));
  }
  {
    SCOPED_TRACE("grad_weight");
    expect_close(grad_weight.read(), gw, tolerance(type, outer * 4), std::sqrt(outer) + 1);
  }
}

ConvGeometry geometry(Spatial stride, Spatial dilation, Spatial begin, Spatial end, int groups = 1) {
  return {stride, dilation, begin, end, groups};
}

std::vector<Shape> shapes() {
  return {
      {2, 3, 5, {9, 8}, {3, 3}, geometry({1, 1, 1}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0})},
      {2, 1, 8, {12, 12}, {5, 5}, geometry({1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {0, 0, 0})},
      {3, 32, 32, {14, 14}, {3, 3}, geometry({1, 1, 1}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0})},
      {2, 32, 48, {13, 13}, {3, 3}, geometry({2, 2, 1}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0})},
      {2, 16, 32, {11, 12}, {1, 1}, geometry({2, 2, 1}, {1, 1, 1}, {0, 0, 0}, {0, 0, 0})},
      {3, 20, 24, {9, 7}, {1, 1}, {}},
      {1, 8, 6, {5, 6, 4}, {1, 1, 1}, {}},
      {2, 20, 17, {10, 9}, {3, 2}, geometry({1, 2, 1}, {2, 1, 1}, {2, 0, 0}, {1, 1, 0})},
      {2, 16, 16, {10, 10}, {3, 3}, geometry({1, 1, 1}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0}, 16)},
      {2, 12, 24, {8, 8}, {3, 3}, geometry({2, 2, 1}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0}, 12)},
      {2, 8, 12, {8, 7}, {3, 3}, geometry({1, 1, 1}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0}, 4)},
      {2, 32, 64, {7, 7}, {3, 3}, geometry({1, 1, 1}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0}, 2)},
      {2, 6, 10, {31}, {5}, geometry({3, 1, 1}, {2, 1, 1}, {4, 0, 0}, {3, 0, 0})},
      {1, 3, 4, {6, 7, 8}, {3, 2, 3}, geometry({1, 2, 1}, {1, 1, 2}, {1, 0, 2}, {1, 1, 2})},
      {1, 16, 16, {5, 6, 7}, {3, 3, 3}, geometry({2, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1})},
      {1, 4, 4, {4, 4}, {4, 4}, geometry({1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {0, 0, 0})},
      {2, 2, 3, {5, 5}, {2, 2}, geometry({4, 4, 1}, {1, 1, 1}, {3, 3, 0}, {3, 3, 0})},
  };
}

TEST(CpuConv, FloatsAgreeWithDoubles) {
  for (const Shape& shape : shapes())
    for (int layout = 0; layout < 3; ++layout) check(shape, DType::kF32, layout);
}

TEST(CpuConv, EveryOtherDtypeAgreesWithDoubles) {
  for (DType type : {DType::kF64, DType::kF16, DType::kBF16})
    for (const Shape& shape : shapes())
      for (int layout = 0; layout < 3; ++layout) check(shape, type, layout);
}

TEST(CpuConv, AnEmptyBatchGivesNothingAndZeroGradients) {
  Shape s{0, 3, 4, {5, 5}, {3, 3}, {}};
  for (DType type : {DType::kF32, DType::kF64}) check(s, type, 0);
}

// Large enough that images are taken a few at a time, with a rest, and the epilogue with them.
TEST(CpuConv, ManyLargeImagesAgreeWithDoubles) {
  Shape s{11, 16, 16, {60, 60}, {3, 3}, geometry({1, 1, 1}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0})};
  check(s, DType::kF32, 0);
  Arrays sizes = arrays_of(s);
  Tensor input(DType::kF32, sizes.input), weight(DType::kF32, sizes.weight), bias(DType::kF32, {s.features, 1, 1});
  Tensor fused(DType::kF32, sizes.output), apart(DType::kF32, sizes.output), added(DType::kF32, sizes.output);
  for (Tensor* t : {&input, &weight, &bias}) t->randomize(8);
  auto kept = added.randomize(9);
  fused.write(kept);
  ProgramBuilder p;
  Expr r = p.input(DType::kF32), b = p.input(DType::kF32), c = p.input(DType::kF32);
  p.output(max(r + b, 0.0) + c, DType::kF32);
  ProgramRef program = p.finish();
  TensorView wide = broadcast_to(bias.view, fused.view.shape());
  TensorView more[] = {wide, fused.view};  // reads the output
  stream().record(Conv{input.view, weight.view, fused.view, s.geometry, {program, more, {}}});
  stream().record(Conv{input.view, weight.view, apart.view, s.geometry, {}});
  TensorView all[] = {apart.view, wide, added.view};
  stream().record(Map{program, all, {&apart.view, 1}, {}});
  EXPECT_EQ(fused.read(), apart.read());
}

TEST(CpuConv, ABroadcastGradientIsRead) {
  Shape s{2, 16, 16, {6, 6}, {3, 3}, geometry({1, 1, 1}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0})};
  Arrays sizes = arrays_of(s);
  Tensor one(DType::kF32, {1}), weight(DType::kF32, sizes.weight), input(DType::kF32, sizes.input);
  Tensor grad_input(DType::kF32, sizes.input), grad_weight(DType::kF32, sizes.weight);
  one.write({0.5});
  auto w = weight.randomize(4), x = input.randomize(5);
  TensorView grad = broadcast_to(one.view, std::span<const int64_t>(sizes.output));
  stream().record(ConvGradInput{grad, weight.view, grad_input.view, s.geometry, {}});
  stream().record(ConvGradWeight{input.view, grad, grad_weight.view, s.geometry});
  std::vector<double> gx(x.size()), gw(w.size());
  for_each_product(s, [&](int64_t i, int64_t k, int64_t) {
    gx[i] += 0.5 * w[k];
    gw[k] += 0.5 * x[i];
  });
  expect_close(grad_input.read(), gx, tolerance(DType::kF32, 144), 4);
  expect_close(grad_weight.read(), gw, tolerance(DType::kF32, 144), 4);
}

// Weights are kept packed while they are not written; a write must be seen.
TEST(CpuConv, ChangedWeightsAreSeen) {
  Shape s{2, 32, 32, {8, 8}, {3, 3}, {}};
  Arrays sizes = arrays_of(s);
  Tensor input(DType::kF32, sizes.input), weight(DType::kF32, sizes.weight), output(DType::kF32, sizes.output);
  auto x = input.randomize(6);
  for (uint32_t seed = 0; seed < 3; ++seed) {
    auto w = weight.randomize(seed);
    std::vector<double> y(count(sizes.output));
    for_each_product(s, [&](int64_t i, int64_t k, int64_t o) { y[o] += x[i] * w[k]; });
    for (int repeat = 0; repeat < 4; ++repeat) {
      stream().record(Conv{input.view, weight.view, output.view, s.geometry, {}});
      expect_close(output.read(), y, tolerance(DType::kF32, 288), 17);
    }
  }
}

TEST(CpuConv, RunsAgainGiveTheSameBits) {
  Shape s{4, 24, 40, {15, 15}, {3, 3}, geometry({1, 1, 1}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0})};
  Arrays sizes = arrays_of(s);
  for (DType type : {DType::kF32, DType::kBF16, DType::kF64}) {
    Tensor input(type, sizes.input), weight(type, sizes.weight), grad(type, sizes.output);
    input.randomize(1);
    weight.randomize(2);
    grad.randomize(3);
    std::vector<std::vector<double>> runs;
    for (int i = 0; i < 2; ++i) {
      Tensor output(type, sizes.output), gx(type, sizes.input), gw(type, sizes.weight);
      stream().record(Conv{input.view, weight.view, output.view, s.geometry, {}});
      stream().record(ConvGradInput{grad.view, weight.view, gx.view, s.geometry, {}});
      stream().record(ConvGradWeight{input.view, grad.view, gw.view, s.geometry});
      for (Tensor* t : {&output, &gx, &gw}) runs.push_back(t->read());
    }
    for (int i = 0; i < 3; ++i) EXPECT_EQ(runs[i], runs[i + 3]);
  }
}

TEST(CpuConv, AnEpilogueChangesNoBit) {
  Shape s{2, 16, 32, {9, 9}, {3, 3}, geometry({1, 1, 1}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0})};
  Arrays sizes = arrays_of(s);
  for (int kind = 0; kind < 2; ++kind)
    for (DType type : {DType::kF32, DType::kF16, DType::kBF16}) {
      Layout layout = layout_of(kind, 4);
      Tensor input(type, sizes.input, layout), weight(type, sizes.weight), bias(type, {s.features, 1, 1});
      Tensor residual(type, sizes.output, layout), fused(type, sizes.output, layout), apart(type, sizes.output, layout);
      for (Tensor* t : {&input, &weight, &bias, &residual}) t->randomize(7);
      ProgramBuilder p;
      Expr r = p.input(type), b = p.input(type), c = p.input(type);
      p.output(max(narrow(r + b, type) + c, 0.0), type);
      ProgramRef program = p.finish();
      TensorView wide = broadcast_to(bias.view, fused.view.shape());
      TensorView more[] = {wide, residual.view};
      stream().record(Conv{input.view, weight.view, fused.view, s.geometry, {program, more, {}}});
      stream().record(Conv{input.view, weight.view, apart.view, s.geometry, {}});
      TensorView all[] = {apart.view, wide, residual.view};
      stream().record(Map{program, all, {&apart.view, 1}, {}});
      EXPECT_EQ(fused.read(), apart.read()) << name_of(type) << " layout " << kind;
    }
}

// A transposed convolution with a bias: operands of 16 bits, whose result the epilogue takes in f32.
TEST(CpuConv, AnEpilogueOfTheInputsGradientChangesNoBit) {
  for (int64_t taps : {1, 3})
    for (DType type : {DType::kF32, DType::kF16, DType::kBF16}) {
      Shape s{2, 5, 3, {4, 6}, {taps, taps}, {}};
      Arrays sizes = arrays_of(s);
      Tensor grad(type, sizes.output), weight(type, sizes.weight), bias(type, {s.channels, 1, 1});
      Tensor fused(type, sizes.input), apart(type, sizes.input), wide(DType::kF32, sizes.input);
      for (Tensor* t : {&grad, &weight, &bias}) t->randomize(7);
      ProgramBuilder p;
      Expr r = p.input(type), b = p.input(type);
      p.output(narrow(r + b, type), type);
      ProgramRef program = p.finish();
      TensorView more = broadcast_to(bias.view, fused.view.shape());
      stream().record(ConvGradInput{grad.view, weight.view, fused.view, s.geometry, {program, {&more, 1}, {}}});
      stream().record(ConvGradInput{grad.view, weight.view, wide.view, s.geometry, {}});
      stream().record(ConvGradInput{grad.view, weight.view, apart.view, s.geometry, {}});
      auto plain = apart.read();
      expect_close(wide.read(), plain, tolerance(type, s.features * taps * taps), 17);
      TensorView all[] = {apart.view, more};
      stream().record(Map{program, all, {&apart.view, 1}, {}});
      EXPECT_EQ(fused.read(), apart.read()) << name_of(type) << ", kernel " << taps;
    }
}

// Who waits runs short lists, the stream's thread the others: what one of them has packed is the device's.
TEST(CpuConv, PackedWeightsAreFreedWhicheverThreadPackedThem) {
  Shape s{1, 64, 64, {8, 8}, {3, 3}, geometry({1, 1, 1}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0})};
  Arrays sizes = arrays_of(s);
  auto device = open_device("cpu:0", StreamOptions::from_environment());
  Stream& own = device->stream();
  auto made = [&](const Sizes& shape) {
    TensorView view = contiguous_view({}, DType::kF32, shape);
    view.buffer = own.create(view.numel() * 4);
    std::vector<float> zeros(view.numel());
    own.write(view.buffer, 0, zeros.data(), view.numel() * 4);
    return view;
  };
  TensorView input = made(sizes.input), weight = made(sizes.weight), output = made(sizes.output);
  auto run = [&] {
    for (int i = 0; i < 3; ++i) own.record(Conv{input, weight, output, s.geometry, {}});
    float first;
    own.read(output.buffer, 0, &first, 4);
  };
  auto reserved = [&] {
    float first;
    own.read(input.buffer, 0, &first, 4);
    own.wait();
    return device->device().memory().reserved;
  };
  int64_t before = reserved();
  run();
  int64_t packed = reserved();
  if (packed - before < weight.numel() * 4) GTEST_SKIP() << "this processor's kernels take weights as they are";
  std::thread([&] { run(); }).join();
  EXPECT_EQ(reserved(), packed) << "the weights were packed twice";
  own.trim();
  EXPECT_LE(reserved(), packed - weight.numel() * 4);
}

}  // namespace
}  // namespace lineshaft::cpu::test
