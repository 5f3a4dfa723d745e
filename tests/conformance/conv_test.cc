// conv, both its gradients, unfold and fold against loops over positions and taps.
#include <cmath>

#include "conformance/bench.h"
#include "conformance/interpreter.h"
#include "conformance/programs.h"

namespace lineshaft::conformance {
namespace {

struct Problem {
  Shape input, weight, output;
  ConvGeometry geometry;
};

Problem random_problem(Bench& bench, int64_t most) {
  while (true) {
    Problem p;
    auto spatial = static_cast<int>(bench.pick({1, 2, 2, 2, 3}));
    int64_t groups = bench.pick<int64_t>({1, 1, 1, 2, 3});
    bool depthwise = bench.chance(0.15);
    int64_t inner = depthwise ? 1 : bench.uniform(1, most);
    if (depthwise) groups = bench.uniform(1, 6);
    int64_t outer = bench.uniform(1, depthwise ? 2 : most);
    p.geometry.groups = static_cast<int32_t>(groups);
    p.input = {bench.size(3), inner * groups};
    p.weight = {outer * groups, inner};
    p.output = {p.input[0], p.weight[0]};
    bool fits = true;
    for (int i = 0; i < spatial; ++i) {
      int64_t kernel = bench.pick<int64_t>({1, 1, 2, 3, 3, 5});
      p.geometry.stride[i] = static_cast<int32_t>(bench.pick({1, 1, 2, 3}));
      p.geometry.dilation[i] = static_cast<int32_t>(bench.pick({1, 1, 1, 2}));
      p.geometry.padding_begin[i] = static_cast<int32_t>(bench.uniform(0, 2));
      p.geometry.padding_end[i] =
          bench.chance(0.8) ? p.geometry.padding_begin[i] : static_cast<int32_t>(bench.uniform(0, 2));
      p.input.push_back(bench.uniform(1, spatial == 3 ? 6 : 12));
      p.weight.push_back(kernel);
      p.output.push_back(conv_output_size(p.input.back(), kernel, p.geometry, i));
      fits = fits && p.output.back() > 0;
    }
    if (fits) return p;
  }
}

// Calls f(input position, weight position, output position) for each product that a convolution is made of.
template <class F>
void for_each_product(const Problem& p, F&& f) {
  int64_t per_group = p.output[1] / p.geometry.groups, channels = p.weight[1];
  Shape taps(p.weight.begin() + 1, p.weight.end());
  Shape in(p.input.size()), weight(p.weight.size());
  for_each_position(p.output, [&](const Shape& out) {
    for_each_position(taps, [&](const Shape& tap) {
      in[0] = out[0];
      in[1] = out[1] / per_group * channels + tap[0];
      weight[0] = out[1];
      weight[1] = tap[0];
      for (size_t i = 0; i + 2 < in.size(); ++i) {
        in[i + 2] =
            out[i + 2] * p.geometry.stride[i] + tap[i + 1] * p.geometry.dilation[i] - p.geometry.padding_begin[i];
        if (in[i + 2] < 0 || in[i + 2] >= p.input[i + 2]) return;
        weight[i + 2] = tap[i + 1];
      }
      f(in, weight, out);
    });
  });
}

void accumulate(Array& value, Array& scale, const Shape& at, Number term) {
  value(at) += term;
  scale(at) += std::abs(term);
}

Epilogue random_epilogue(Bench& bench, DType result, DType out, Array& value, Array& scale, RandomProgram& program,
                         std::vector<TensorView>& extra) {
  if (!bench.chance(0.4)) return {};
  std::vector<DType> types;
  if (bench.chance(0.6)) {
    types.push_back(float_dtype(bench));
    extra.push_back(bench.input(types[0], value.shape));
  }
  program = epilogue_program(bench, result, types, out);
  std::vector<Array> inputs{value};
  for (Number& x : inputs[0].data) x = stored(x, result);
  for (const TensorView& view : extra) inputs.push_back(bench.load(view));
  value = interpret(*program.program, value.shape, inputs, program.args)[0];
  for (Number& s : scale.data) s += 4;
  return {.program = program.program, .inputs = extra, .args = program.args};
}

void forward(Bench& bench, const Problem& p) {
  DType dtype = float_dtype(bench), out = bench.chance(0.8) ? dtype : float_dtype(bench);
  Conv op{.input = bench.input(dtype, p.input), .weight = bench.input(dtype, p.weight), .geometry = p.geometry};
  Array x = bench.load(op.input), w = bench.load(op.weight), value(p.output), scale(p.output);
  for_each_product(p, [&](const Shape& in, const Shape& weight, const Shape& at) {
    accumulate(value, scale, at, x(in) * w(weight));
  });
  RandomProgram program;
  std::vector<TensorView> extra;
  op.epilogue = random_epilogue(bench, accumulator(dtype), out, value, scale, program, extra);
  op.output = bench.output(out, p.output);
  bench.check(op, {{op.output, value, scale, sum_units(product(p.weight)), accumulator(dtype)}});
}

void backward_input(Bench& bench, const Problem& p) {
  DType dtype = float_dtype(bench);
  ConvGradInput op{
      .grad_output = bench.input(dtype, p.output), .weight = bench.input(dtype, p.weight), .geometry = p.geometry};
  Array g = bench.load(op.grad_output), w = bench.load(op.weight), value(p.input), scale(p.input);
  for_each_product(p, [&](const Shape& in, const Shape& weight, const Shape& at) {
    accumulate(value, scale, in, g(at) * w(weight));
  });
  RandomProgram program;
  std::vector<TensorView> extra;
  op.epilogue = random_epilogue(bench, accumulator(dtype), dtype, value, scale, program, extra);
  op.output = bench.output(dtype, p.input);
  bench.check(op, {{op.output, value, scale, sum_units(product(p.weight)), accumulator(dtype)}});
}

void backward_weight(Bench& bench, const Problem& p) {
  DType dtype = float_dtype(bench), out = bench.chance(0.8) ? dtype : accumulator(dtype);
  ConvGradWeight op{
      .input = bench.input(dtype, p.input), .grad_output = bench.input(dtype, p.output), .geometry = p.geometry};
  Array x = bench.load(op.input), g = bench.load(op.grad_output), value(p.weight), scale(p.weight);
  for_each_product(p, [&](const Shape& in, const Shape& weight, const Shape& at) {
    accumulate(value, scale, weight, x(in) * g(at));
  });
  op.output = bench.output(out, p.weight);
  bench.check(op, {{op.output, value, scale, sum_units(product(p.output)), accumulator(dtype)}});
}

TEST_P(Conformance, ConvForward) {
  rounds(80, [](Bench& bench) { forward(bench, random_problem(bench, 5)); });
}

TEST_P(Conformance, ConvGradientOfTheInput) {
  rounds(80, [](Bench& bench) { backward_input(bench, random_problem(bench, 5)); });
}

TEST_P(Conformance, ConvGradientOfTheWeight) {
  rounds(80, [](Bench& bench) { backward_weight(bench, random_problem(bench, 5)); });
}

TEST_P(Conformance, ConvManyChannels) {
  rounds(4, [](Bench& bench) {
    Problem p = random_problem(bench, 24);
    forward(bench, p);
    backward_input(bench, p);
    backward_weight(bench, p);
  });
}

struct Windows {
  Shape image;
  Spatial kernel{1, 1, 1};
  ConvGeometry geometry;
  int64_t count[2] = {0, 0};
};

Windows random_windows(Bench& bench) {
  Windows w;
  while (w.count[0] < 1 || w.count[1] < 1) {
    w.image = {bench.size(3), bench.size(4), bench.uniform(1, 9), bench.uniform(1, 9)};
    for (int i = 0; i < 2; ++i) {
      w.kernel[i] = static_cast<int32_t>(bench.uniform(1, 3));
      w.geometry.stride[i] = static_cast<int32_t>(bench.uniform(1, 3));
      w.geometry.dilation[i] = static_cast<int32_t>(bench.uniform(1, 2));
      w.geometry.padding_begin[i] = static_cast<int32_t>(bench.uniform(0, 2));
      w.geometry.padding_end[i] = static_cast<int32_t>(bench.uniform(0, 2));
      w.count[i] = conv_output_size(w.image[2 + i], w.kernel[i], w.geometry, i);
    }
  }
  return w;
}

TEST_P(Conformance, UnfoldAndFold) {
  rounds(40, [](Bench& bench) {
    Windows w = random_windows(bench);
    const Spatial& kernel = w.kernel;
    const ConvGeometry& geometry = w.geometry;
    const Shape& image = w.image;
    const int64_t* windows = w.count;
    Shape columns{image[0], image[1] * kernel[0] * kernel[1], windows[0] * windows[1]};
    DType dtype = bench.chance(0.5) ? float_dtype(bench) : DType::kF32;
    Unfold unfold{.input = bench.input(dtype, image),
                  .output = bench.output(dtype, columns),
                  .kernel = kernel,
                  .geometry = geometry};
    Fold fold{.input = bench.input(dtype, columns),
              .output = bench.output(dtype, image),
              .kernel = kernel,
              .geometry = geometry};
    Array x = bench.load(unfold.input), c = bench.load(fold.input), unfolded(columns), folded(image), scale(image);
    for_each_position(columns, [&](const Shape& at) {
      int64_t i = at[1] / kernel[1] % kernel[0], j = at[1] % kernel[1], channel = at[1] / (kernel[0] * kernel[1]);
      int64_t y = at[2] / windows[1] * geometry.stride[0] - geometry.padding_begin[0] + i * geometry.dilation[0];
      int64_t z = at[2] % windows[1] * geometry.stride[1] - geometry.padding_begin[1] + j * geometry.dilation[1];
      if (y < 0 || y >= image[2] || z < 0 || z >= image[3]) return;
      unfolded(at) = x.at(at[0], channel, y, z);
      const Shape where{at[0], channel, y, z};
      accumulate(folded, scale, where, c(at));
    });
    bench.check(unfold, {{unfold.output, unfolded}});
    bench.check(fold, {{fold.output, folded, scale, sum_units(kernel[0] * kernel[1])}});
  });
}

}  // namespace
}  // namespace lineshaft::conformance
