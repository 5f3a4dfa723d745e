#include "support/examples.h"

#include <deque>

#include "lineshaft/program/expression.h"

namespace lineshaft::examples {
namespace {

// A list that lives as long as the process.
template <class T>
List<T> keep(std::vector<T> values) {
  static auto* kept = new std::deque<std::vector<T>>;  // where leak checkers see them
  return kept->emplace_back(std::move(values));
}

constexpr DType kF32 = DType::kF32;
constexpr DType kI64 = DType::kI64;

}  // namespace

TensorView view(int slot, DType dtype, std::initializer_list<int64_t> sizes) {
  return contiguous_view(BufferId::make(static_cast<uint32_t>(slot), 1), dtype, sizes);
}

void resize(TensorView& view, int axis, int64_t size) {
  view.sizes[axis] = size;
  view = contiguous_view(view.buffer, view.dtype, view.shape(), view.offset);
}

ProgramRef multiply_add() {
  ProgramBuilder p;
  Expr x = p.input(kF32), y = p.input(kF32);
  p.output(x + y * p.arg(kF32), kF32);
  return p.finish();
}

ProgramRef twice() {
  ProgramBuilder p;
  p.output(p.input(kF32) * 2.0, kF32);
  return p.finish();
}

Map map() {
  return {.program = multiply_add(),
          .inputs = keep<TensorView>({view(1, kF32, {2, 3}), view(2, kF32, {2, 3})}),
          .outputs = keep<TensorView>({view(3, kF32, {2, 3})}),
          .args = keep<Scalar>({Scalar::of(0.5)})};
}

MapEach map_each() {
  return {
      .program = multiply_add(),
      .inputs = keep<TensorView>({view(1, kF32, {2, 3}), view(2, kF32, {2, 3}), view(3, kF32, {5}), view(4, kF32, {})}),
      .outputs = keep<TensorView>({view(1, kF32, {2, 3}), view(5, kF32, {5})}),
      .args = keep<Scalar>({Scalar::of(0.5), Scalar::of(2.0)})};
}

Reduce reduce() {
  return {.kind = ReduceKind::kSum,
          .axes = 0b10,
          .prologue = multiply_add(),
          .inputs = keep<TensorView>({view(1, kF32, {4, 5}), view(2, kF32, {4, 5})}),
          .args = keep<Scalar>({Scalar::of(0.5)}),
          .output = view(3, kF32, {4, 1}),
          .epilogue = {.program = twice()}};
}

Scan scan() {
  return {.kind = ScanKind::kMax,
          .axis = 1,
          .input = view(1, kF32, {3, 4}),
          .output = view(2, kF32, {3, 4}),
          .indices = view(3, kI64, {3, 4})};
}

Matmul matmul() {
  return {.a = view(1, kF32, {2, 3, 4}),
          .b = view(2, kF32, {2, 4, 5}),
          .output = view(3, kF32, {2, 3, 5}),
          .epilogue = {.program = multiply_add(),
                       .inputs = keep<TensorView>({view(4, kF32, {2, 3, 5})}),
                       .args = keep<Scalar>({Scalar::of(1.0)})}};
}

Conv conv() {
  return {.input = view(1, kF32, {2, 4, 7, 6}),
          .weight = view(2, kF32, {6, 2, 3, 3}),
          .output = view(3, kF32, {2, 6, 4, 6}),
          .geometry = {.stride = {2, 1, 1}, .padding_begin = {1, 1, 0}, .padding_end = {1, 1, 0}, .groups = 2}};
}

ConvGradInput conv_grad_input() {
  Conv forward = conv();
  return {
      .grad_output = forward.output, .weight = forward.weight, .output = forward.input, .geometry = forward.geometry};
}

ConvGradWeight conv_grad_weight() {
  Conv forward = conv();
  return {
      .input = forward.input, .grad_output = forward.output, .output = forward.weight, .geometry = forward.geometry};
}

Pool pool() {
  return {.input = view(1, kF32, {2, 3, 6, 5}),
          .output = view(2, kF32, {2, 3, 3, 3}),
          .indices = view(3, kI64, {2, 3, 3, 3}),
          .geometry = {.kernel = {2, 3, 1}, .stride = {2, 2, 1}, .padding = {0, 1, 0}}};
}

PoolGrad pool_grad() {
  Pool forward = pool();
  return {
      .grad_output = forward.output, .indices = forward.indices, .output = forward.input, .geometry = forward.geometry};
}

Normalize normalize() {
  TensorView weight = view(2, kF32, {4, 5});
  weight.strides[0] = 0;
  return {.axes = 0b10,
          .input = view(1, kF32, {4, 5}),
          .weight = weight,
          .bias = weight,
          .mean = view(3, kF32, {4, 1}),
          .rstd = view(4, kF32, {4, 1}),
          .output = view(5, kF32, {4, 5})};
}

NormalizeGrad normalize_grad() {
  Normalize forward = normalize();
  return {.axes = forward.axes,
          .grad_output = view(6, kF32, {4, 5}),
          .input = forward.input,
          .weight = forward.weight,
          .mean = forward.mean,
          .rstd = forward.rstd,
          .grad_input = view(7, kF32, {4, 5}),
          .grad_weight = view(8, kF32, {1, 5}),
          .grad_bias = view(9, kF32, {1, 5})};
}

Softmax softmax() {
  return {.axis = 1, .input = view(1, kF32, {3, 4}), .output = view(2, DType::kF16, {3, 4})};
}

SoftmaxGrad softmax_grad() {
  return {.axis = 1,
          .log = true,
          .grad_output = view(1, kF32, {3, 4}),
          .output = view(2, kF32, {3, 4}),
          .grad_input = view(3, kF32, {3, 4})};
}

Attention attention() {
  return {.query = view(1, kF32, {1, 2, 3, 4}),
          .key = view(2, kF32, {1, 2, 5, 4}),
          .value = view(3, kF32, {1, 2, 5, 6}),
          .mask = view(4, DType::kBool, {1, 2, 3, 5}),
          .output = view(5, kF32, {1, 2, 3, 6}),
          .logsumexp = view(6, kF32, {1, 2, 3}),
          .params = {.scale = 0.5, .causal = true, .dropout = 0.1, .seed = 7}};
}

AttentionGrad attention_grad() {
  Attention forward = attention();
  return {.grad_output = view(7, kF32, {1, 2, 3, 6}),
          .query = forward.query,
          .key = forward.key,
          .value = forward.value,
          .mask = forward.mask,
          .output = forward.output,
          .logsumexp = forward.logsumexp,
          .grad_query = view(8, kF32, {1, 2, 3, 4}),
          .grad_key = view(9, kF32, {1, 2, 5, 4}),
          .grad_value = view(10, kF32, {1, 2, 5, 6}),
          .params = forward.params};
}

// Rows of a [10, 4] table.
Gather gather() {
  TensorView base = view(1, kF32, {3, 4});
  base.strides[0] = 0;
  TensorView index = view(2, kI64, {3, 4});
  index.strides = {1, 0};
  return {.input = base,
          .indices = keep<TensorView>({index}),
          .index_strides = keep<int64_t>({4}),
          .bounds = keep<int64_t>({10}),
          .wrap = true,
          .output = view(3, kF32, {3, 4})};
}

Scatter scatter() {
  Gather forward = gather();
  return {.kind = ScatterKind::kAdd,
          .target = forward.input,
          .indices = forward.indices,
          .index_strides = forward.index_strides,
          .bounds = forward.bounds,
          .source = forward.output};
}

Sort sort() {
  return {.axis = 1,
          .descending = true,
          .input = view(1, kF32, {3, 4}),
          .values = view(2, kF32, {3, 4}),
          .indices = view(3, kI64, {3, 4})};
}

TopK topk() {
  return {.axis = 1, .input = view(1, kF32, {3, 4}), .values = view(2, kF32, {3, 2}), .indices = view(3, kI64, {3, 2})};
}

Compact compact() {
  return {.mask = view(1, DType::kBool, {3, 4}), .positions = view(2, kI64, {12}), .count = view(3, kI64, {})};
}

Check check() {
  return {.requirement = Requirement::kProbability, .condition = view(1, DType::kBool, {3, 4})};
}

Resample resample() {
  return {.input = view(1, kF32, {2, 3, 4, 5}),
          .output = view(2, kF32, {2, 3, 8, 10}),
          .geometry = {.kind = ResampleKind::kLinear, .scale = {0.5, 0.5, 1}}};
}

ResampleGrad resample_grad() {
  return {.grad_output = view(1, kF32, {2, 3, 6, 7}),
          .input = view(2, kF32, {2, 3, 4, 5}),
          .grid = view(3, kF32, {2, 6, 7, 2}),
          .grad_input = view(4, kF32, {2, 3, 4, 5}),
          .grad_grid = view(5, kF32, {2, 6, 7, 2}),
          .geometry = {.kind = ResampleKind::kLinear, .padding = ResamplePadding::kBorder}};
}

Unfold unfold() {
  return {.input = view(1, kF32, {2, 3, 5, 6}),
          .output = view(2, kF32, {2, 12, 12}),
          .kernel = {2, 2, 1},
          .geometry = {.stride = {2, 1, 1}, .dilation = {1, 2, 1}, .padding_begin = {1, 0, 0}}};
}

Fold fold() {
  Unfold forward = unfold();
  return {.input = forward.output, .output = forward.input, .kernel = forward.kernel, .geometry = forward.geometry};
}

Sample sample() {
  return {.kind = SampleKind::kPoisson, .seed = 3, .parameter = view(1, kF32, {6}), .output = view(2, kF32, {6})};
}

Cholesky cholesky() {
  return {.input = view(1, kF32, {2, 3, 3}), .output = view(2, kF32, {2, 3, 3}), .info = view(3, DType::kI32, {2})};
}

TriangularSolve triangular_solve() {
  return {
      .upper = true, .a = view(1, kF32, {2, 3, 3}), .b = view(2, kF32, {2, 3, 4}), .output = view(3, kF32, {2, 3, 4})};
}

Lu lu() {
  return {.input = view(1, kF32, {2, 4, 3}),
          .output = view(2, kF32, {2, 4, 3}),
          .pivots = view(3, DType::kI32, {2, 3}),
          .info = view(4, DType::kI32, {2})};
}

UnpackPivots unpack_pivots() {
  return {.pivots = view(1, DType::kI32, {2, 3}), .rows = view(2, kI64, {2, 4})};
}

Qr qr() {
  return {.input = view(1, kF32, {2, 4, 3}), .output = view(2, kF32, {2, 4, 3}), .tau = view(3, kF32, {2, 3})};
}

ApplyReflectors apply_reflectors() {
  Qr factors = qr();
  return {.reflectors = factors.output,
          .tau = factors.tau,
          .input = view(4, kF32, {2, 4, 5}),
          .output = view(5, kF32, {2, 4, 5})};
}

// Four values in each of three rows of ten.
SearchSorted search_sorted() {
  TensorView first = view(1, kF32, {3, 4});
  first.strides = {10, 0};
  return {.sequence = first,
          .index_strides = keep<int64_t>({1}),
          .bounds = keep<int64_t>({10}),
          .right = true,
          .values = view(2, kF32, {3, 4}),
          .output = view(3, kI64, {3, 4})};
}

void add_all(CommandList& list) {
  uint64_t id = 0;
  for (int slot = 1; slot <= kBuffers; ++slot)
    list.commands.push_back({.kind = CommandKind::kCreate,
                             .id = ++id,
                             .buffer = BufferId::make(static_cast<uint32_t>(slot), 1),
                             .size = kBufferSize});
#define LINESHAFT_OPERATION(Type, name) list.add(name(), #name, ++id);
#include "lineshaft/ops/catalogue.def"
}

}  // namespace lineshaft::examples
