#include <algorithm>

#include "backends/cpu/dnn/conv_problem.h"
#include "backends/cpu/dnn/product.h"
#include "backends/cpu/parallel.h"

namespace lineshaft::cpu {
namespace {

// One group of one image as matrices. All arrays are dense and row-major, all of one type.
//   columns[k, x]: k counts (channel of the group, kernel position), x the output positions
struct Geometry {
  explicit Geometry(const ConvProblem& p)
      : images(p.sizes[kInput][0]),
        groups(p.geometry.groups),
        channels(p.sizes[kWeight][1]),
        features(p.sizes[kOutput][1] / groups),
        problem(p) {
    for (int i = 0; i < 3; ++i) {
      bool used = i < p.spatial;
      in[i] = used ? p.sizes[kInput][2 + i] : 1;
      out[i] = used ? p.sizes[kOutput][2 + i] : 1;
      kernel[i] = used ? p.sizes[kWeight][2 + i] : 1;
    }
    input_area = in[0] * in[1] * in[2];
    output_area = out[0] * out[1] * out[2];
    taps = kernel[0] * kernel[1] * kernel[2];
    depth = channels * taps;
  }

  int64_t images, groups, channels, features;
  int64_t in[3], out[3], kernel[3];
  int64_t input_area, output_area, taps, depth;
  const ConvProblem& problem;

  // The input position that output position `x` reads through kernel position `t`, along axis i.
  int64_t source(int i, int64_t x, int64_t t) const {
    const ConvGeometry& g = problem.geometry;
    return x * g.stride[i] + t * g.dilation[i] - g.padding_begin[i];
  }
};

// Calls row(x, y0, y1, y2_of) for each run of output positions along the last axis, with the input's first two
// coordinates.
template <class Row>
void for_each_row(const Geometry& g, int64_t tap, Row&& row) {
  int64_t t2 = tap % g.kernel[2], t1 = tap / g.kernel[2] % g.kernel[1], t0 = tap / (g.kernel[2] * g.kernel[1]);
  for (int64_t x0 = 0; x0 < g.out[0]; ++x0)
    for (int64_t x1 = 0; x1 < g.out[1]; ++x1) {
      int64_t y0 = g.source(0, x0, t0), y1 = g.source(1, x1, t1);
      bool inside = y0 >= 0 && y0 < g.in[0] && y1 >= 0 && y1 < g.in[1];
      row((x0 * g.out[1] + x1) * g.out[2], inside ? (y0 * g.in[1] + y1) * g.in[2] : int64_t{-1}, t2);
    }
}

template <class T>
void fill_columns(const Geometry& g, const T* image, T* columns) {
  parallel_for(g.depth, std::max<int64_t>(1, 8192 / g.output_area), [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      const T* plane = image + k / g.taps * g.input_area;
      for_each_row(g, k % g.taps, [&](int64_t x, int64_t y, int64_t t) {
        T* out = columns + k * g.output_area + x;
        for (int64_t i = 0; i < g.out[2]; ++i) {
          int64_t source = g.source(2, i, t);
          out[i] = y >= 0 && source >= 0 && source < g.in[2] ? plane[y + source] : T{0};
        }
      });
    }
  });
}

template <class T>
void add_columns(const Geometry& g, const T* columns, T* image) {
  parallel_for(g.channels, 1, [&](int64_t begin, int64_t end) {
    std::fill(image + begin * g.input_area, image + end * g.input_area, T{0});
    for (int64_t k = begin * g.taps; k < end * g.taps; ++k) {
      T* plane = image + k / g.taps * g.input_area;
      for_each_row(g, k % g.taps, [&](int64_t x, int64_t y, int64_t t) {
        if (y < 0) return;
        const T* in = columns + k * g.output_area + x;
        for (int64_t i = 0; i < g.out[2]; ++i) {
          int64_t target = g.source(2, i, t);
          if (target >= 0 && target < g.in[2]) plane[y + target] += in[i];
        }
      });
    }
  });
}

template <class T>
Matrices rows_of(T* data, DType type, int64_t columns) {
  return {data, type, 0, columns, 1};
}

template <class T>
void run_passes(Context& context, const ConvProblem& p) {
  Geometry g(p);
  DType type = p.arrays[kInput].dtype;
  T* columns = context.scratch<T>(g.depth * g.output_area);
  T* partial = p.pass == ConvPass::kGradWeight ? context.scratch<T>(g.features * g.depth) : nullptr;
  auto at = [&](int array, int64_t offset) { return static_cast<T*>(p.arrays[array].data) + offset; };
  if (partial) std::fill_n(at(kWeight, 0), p.numel(kWeight), T{0});
  for (int64_t n = 0; n < g.images; ++n)
    for (int64_t group = 0; group < g.groups; ++group) {
      T* image = at(kInput, (n * g.groups + group) * g.channels * g.input_area);
      T* weight = at(kWeight, group * g.features * g.depth);
      T* output = at(kOutput, (n * g.groups + group) * g.features * g.output_area);
      Matrices c = rows_of(columns, type, g.output_area), w = rows_of(weight, type, g.depth);
      Matrices o = rows_of(output, type, g.output_area);
      if (p.pass != ConvPass::kGradInput) fill_columns(g, image, columns);
      switch (p.pass) {
        case ConvPass::kForward:
          multiply(context, {1, g.features, g.output_area, g.depth, w, c, o});
          break;
        case ConvPass::kGradInput:
          multiply(context, {1, g.depth, g.output_area, g.features, w.transposed(), o, c});
          add_columns(g, columns, image);
          break;
        case ConvPass::kGradWeight:
          multiply(context,
                   {1, g.features, g.depth, g.output_area, o, c.transposed(), rows_of(partial, type, g.depth)});
          for (int64_t i = 0; i < g.features * g.depth; ++i) weight[i] += partial[i];
          break;
      }
    }
}

bool is_row_major(const ConvProblem& p, int array) {
  TensorView view{.rank = static_cast<uint8_t>(p.rank()), .sizes = p.sizes[array], .strides = p.arrays[array].strides};
  return view.is_contiguous();
}

}  // namespace

void convolve_im2col(Context& context, const ConvProblem& problem) {
  int result = problem.result();
  ConvProblem p = problem;
  DType type = compute_type(p.arrays[result == kInput ? kOutput : kInput].dtype);
  for (int i = 0; i < 3; ++i)
    if (p.arrays[i].dtype != type || !is_row_major(p, i)) p = with_copy(context, p, i, type, true);
  if (type == DType::kF64)
    run_passes<double>(context, p);
  else
    run_passes<float>(context, p);
  if (p.arrays[result].data != problem.arrays[result].data)
    convert_array(p.arrays[result], problem.arrays[result], p.shape(result));
}

}  // namespace lineshaft::cpu
