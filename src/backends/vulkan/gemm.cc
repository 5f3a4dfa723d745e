#include "backends/vulkan/gemm.h"

#include <algorithm>

namespace lineshaft::vulkan {
namespace {

constexpr int64_t kPanel = 64;

int64_t round_up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

std::string suffix_of(DType type) {
  return type == DType::kI64 ? "i64w" : std::string(name_of(type));
}

// Devices whose lanes are a processor's vector; the kernel is written for eight.
bool uses_panels_kernel(const Context& context, DType type) {
  const Features& features = context.features();
  return type == DType::kF32 && features.family == Family::kLavapipe && features.subgroup_size == 8 &&
         features.subgroup_shuffle;
}

struct PackPush {
  uint32_t k, j, padded_k, padded_j, base;
  int32_t k_stride, k_outer;
  uint32_t k_split;
  int32_t j_stride, j_outer;
  uint32_t j_split;
  int32_t batch_stride;
  uint32_t first_j;
};

Packed packed_of(Context& context, DType type, int64_t k, int64_t j, int64_t batches, bool panels) {
  Packed packed;
  packed.padded_k = round_up(k, 8);
  int64_t padded_j = round_up(j, panels ? kPanel : 8);
  packed.data = context.scratch(type, {batches, padded_j, packed.padded_k});
  packed.batch_stride = batches > 1 ? padded_j * packed.padded_k : 0;
  return packed;
}

Packed pack(Context& context, const MatrixSource& s, bool panels) {
  int64_t batches = s.batch_stride == 0 ? 1 : s.batches;
  Packed packed = packed_of(context, s.view.dtype, s.k, s.j, batches, panels);
  int64_t padded_j = packed.data.sizes[1];
  auto u = [](int64_t value) { return static_cast<uint32_t>(value); };
  auto i = [](int64_t value) { return static_cast<int32_t>(value); };
  constexpr int64_t kNoSplit = int64_t{1} << 30;
  PackPush push{u(s.k),
                u(s.j),
                u(packed.padded_k),
                u(padded_j),
                u(context.base_of(s.view)),
                i(s.k_stride),
                i(s.k_outer),
                u(s.k_split ? s.k_split : kNoSplit),
                i(s.j_stride),
                i(s.j_outer),
                u(s.j_split ? s.j_split : kNoSplit),
                i(s.batch_stride),
                0};
  Groups groups = context.groups_for(packed.padded_k * padded_j / 4, 64);
  groups[2] = u(batches);
  context.run_kernel({.kernel = "pack_" + suffix_of(s.view.dtype),
                      .operands = {in(s.view), out(packed.data)},
                      .constants = {panels, 0},
                      .groups = groups},
                     push);
  return packed;
}

}  // namespace

DType product_type(DType dtype) {
  DType compute = compute_type(dtype);
  return compute == DType::kBool ? DType::kI32 : compute;
}

Packed pack_rows(Context& context, const MatrixSource& source) {
  return pack(context, source, false);
}
Packed pack_panels(Context& context, const MatrixSource& source) {
  return pack(context, source, true);
}

WindowGeometry window_geometry(const TensorView& input, const TensorView& weight, const TensorView& output,
                               const ConvGeometry& geometry) {
  WindowGeometry g{};
  int spatial = input.rank - 2;
  int64_t taps = 1, windows = 1;
  for (int i = 0; i < 3; ++i) {
    int k = i - (3 - spatial);  // spatial axes are the last of three
    bool has = k >= 0;
    g.input_size[i] = has ? static_cast<int32_t>(input.sizes[2 + k]) : 1;
    g.output_size[i] = has ? static_cast<int32_t>(output.sizes[2 + k]) : 1;
    g.kernel[i] = has ? static_cast<int32_t>(weight.sizes[2 + k]) : 1;
    g.stride[i] = has ? geometry.stride[k] : 1;
    g.dilation[i] = has ? geometry.dilation[k] : 1;
    g.padding[i] = has ? geometry.padding_begin[k] : 0;
    g.spatial_stride[i] = has ? static_cast<int32_t>(input.strides[2 + k]) : 0;
    taps *= g.kernel[i];
    windows *= g.output_size[i];
  }
  g.other[0] = static_cast<int32_t>(input.strides[0]);
  g.other[1] = static_cast<int32_t>(input.strides[1]);
  g.other[2] = static_cast<int32_t>(taps);
  g.other[3] = static_cast<int32_t>(windows);
  return g;
}

Packed pack_windows(Context& context, const WindowSource& s, const WindowGeometry& geometry, bool transposed) {
  DType type = s.input.dtype;
  int64_t elements = s.channels * geometry.taps(), windows = s.images * geometry.windows();
  int64_t k = transposed ? windows : elements, j = transposed ? elements : windows;
  Packed packed = packed_of(context, type, k, j, 1, true);
  auto u = [](int64_t value) { return static_cast<uint32_t>(value); };
  PackPush push{};
  push.k = u(k);
  push.j = u(j);
  push.padded_k = u(packed.padded_k);
  push.padded_j = u(packed.data.sizes[1]);
  push.base = u(context.base_of(s.input) + s.channel * s.input.strides[1]);
  push.first_j = u(s.image * geometry.windows());
  context.run_kernel({.kernel = variant("pack_conv", type),
                      .operands = {in(s.input), out(packed.data)},
                      .constants = {1, transposed},
                      .groups = context.groups_for(packed.padded_k * packed.data.sizes[1] / 4, 64),
                      .params = std::as_bytes(std::span(&geometry, 1))},
                     push);
  return packed;
}

void multiply(Context& context, const Packed& a, const Packed& b, const ProductTarget& target, int64_t m, int64_t n,
              int64_t batches, bool accumulate) {
  struct {
    uint32_t m, n, padded_k, a_batch, b_batch, base, row_stride, split, outer_stride, batch_stride;
  } push;
  auto u = [](int64_t value) { return static_cast<uint32_t>(value); };
  int64_t split = target.split ? target.split : round_up(n, kPanel);
  push = {u(m),
          u(n),
          u(a.padded_k),
          u(a.batch_stride),
          u(b.batch_stride),
          u(target.base),
          u(target.row_stride),
          u(split),
          u(target.outer_stride),
          u(target.batch_stride)};
  DType type = target.view.dtype;
  auto panels = u(round_up(n, kPanel) / kPanel);
  if (batches > 65535)
    fail(ErrorCode::kUnsupported, "a product of ", batches, " matrices passes the limit of 65535; use a smaller batch");
  if (!uses_panels_kernel(context, type)) {
    context.run_kernel({.kernel = "gemm_tiled_" + suffix_of(type),
                        .operands = {out(target.view), in(a.data), in(b.data)},
                        .constants = {0, accumulate},
                        .groups = {u(round_up(m, 64) / 64), panels, u(batches)}},
                       push);
    return;
  }
  bool fours = n % 4 == 0 && split % 4 == 0 && target.base % 4 == 0 && target.row_stride % 4 == 0 &&
               target.outer_stride % 4 == 0 && target.batch_stride % 4 == 0;
  context.run_kernel({.kernel = "gemm_panels",
                      .operands = {out(target.view), out(target.view)},
                      .texels = {a.data, b.data},
                      .constants = {fours, accumulate},
                      .groups = {u(round_up(m, 32) / 32), panels, u(batches)}},
                     push);
}

}  // namespace lineshaft::vulkan
