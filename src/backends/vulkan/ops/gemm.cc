#include "backends/vulkan/ops/gemm.h"

#include <algorithm>
#include <vector>

#include "base/divide.h"
#include "lineshaft/program/program_cache.h"

namespace lineshaft::vulkan {
namespace {

constexpr int64_t kPanelColumns = 64;
constexpr int64_t kLeastTile = 32;      // rows that a workgroup of any of the kernels computes
constexpr int64_t kMostGroups = 65535;  // of a dispatch along each axis, on any device
constexpr int64_t kMostBlocks = 32768;  // of them that one product takes: columns and rows then begin aligned
constexpr Turns kPackTurns = loop(4) + loop(4);

// Devices whose lanes are a processor's vector; the kernel is written for eight.
bool uses_panels_kernel(const Context& context, DType type) {
  const Features& features = context.features();
  return type == DType::kF32 && features.tuning().processor && features.subgroup_size == 8 && features.subgroup_shuffle;
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
  int64_t padded_j = round_up(j, panels ? kPanelColumns : 8);
  element_count(batches * padded_j * packed.padded_k);
  packed.data = context.scratch(type, {batches, padded_j, packed.padded_k});
  packed.batch_stride = batches > 1 ? padded_j * packed.padded_k : 0;
  return packed;
}

// As if the packed matrices began there.
Packed packed_from(const Packed& packed, int64_t element) {
  Packed rest = packed;
  rest.data.offset += element * size_of(packed.data.dtype);
  rest.data.rank = 1;
  rest.data.sizes[0] = packed.data.numel() - element;
  rest.data.strides[0] = 1;
  return rest;
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
  for (int64_t batch = 0; batch < batches; batch += kMostBlocks) {
    groups[2] = u(std::min(batches - batch, kMostBlocks));
    push.base = u(context.base_of(s.view) + batch * s.batch_stride);
    context.run_kernel({.kernel = "pack_" + suffix_of(s.view.dtype),
                        .turns = kPackTurns,
                        .operands = {in(s.view), out(packed_from(packed, batch * packed.batch_stride).data)},
                        .constants = {panels, 0},
                        .groups = groups},
                       push);
  }
  return packed;
}

}  // namespace

DType operand_type(const Context& context, DType dtype) {
  const Features& features = context.features();
  bool cooperative = features.cooperative && features.tuning().cooperative;
  return dtype == DType::kF16 && cooperative ? DType::kF16 : product_type(dtype);
}

Packed pack_rows(Context& context, const MatrixSource& source) {
  return pack(context, source, false);
}
Packed pack_panels(Context& context, const MatrixSource& source) {
  return pack(context, source, true);
}

Packed pack_windows(Context& context, const WindowSource& s, const WindowGeometry& geometry, bool transposed) {
  DType type = s.input.dtype;
  int64_t elements = s.channels * geometry.taps(), windows = s.windows;
  int64_t k = transposed ? windows : elements, j = transposed ? elements : windows;
  Packed packed = packed_of(context, type, k, j, 1, true);
  auto u = [](int64_t value) { return static_cast<uint32_t>(value); };
  PackPush push{};
  push.k = u(k);
  push.j = u(j);
  push.padded_k = u(packed.padded_k);
  push.padded_j = u(packed.data.sizes[1]);
  push.base = u(context.base_of(s.input) + s.channel * s.input.strides[1]);
  push.first_j = u(s.window);
  context.run_kernel({.kernel = variant("pack_conv", type),
                      .turns = kPackTurns,
                      .operands = {in(s.input), out(packed.data)},
                      .constants = {1, transposed},
                      .groups = context.groups_for(packed.padded_k * packed.data.sizes[1] / 4, 64),
                      .params = std::as_bytes(std::span(&geometry, 1))},
                     push);
  return packed;
}

namespace {

struct GemmPush {
  uint32_t m, n, padded_k, a_batch, b_batch, base, row_stride, split, outer_stride, batch_stride, batches, k_part,
      part_stride, k_first, k_end;
};

struct Product {
  const Packed& a;
  const Packed& b;
  int64_t m, n, batches;
};

// One of the three kernels.
struct Kernel {
  enum Kind { kPanels, kTiled, kCooperative } kind = kTiled;
  Tile tile{64, 64};
  int64_t step = 16;        // of k, that a turn of the outer loop takes
  Turns inside = loop(16);  // within such a turn
  Turns beside = kNoLoops;

  Turns turns(int64_t k) const { return beside + loop(divide_up(k, step), inside); }
  // The longest sum that the device's loops can make in one dispatch.
  int64_t longest(Turns limit) const { return longest_loop(limit, inside, beside) * step; }
};

Kernel kernel_for(const Context& context, DType operand, DType result) {
  if (operand != DType::kF16)
    return uses_panels_kernel(context, result) ? Kernel{Kernel::kPanels, {64, 64}, 8, kNoLoops} : Kernel{};
  const Features& features = context.features();
  Tile tile = features.tuning().tile;
  int64_t invocations = int64_t{tile.subgroups()} * features.subgroup_size;
  CooperativeShape shape = features.cooperative;
  int64_t matrices = int64_t{tile.subgroup_rows} * tile.subgroup_columns / (int64_t{shape.m} * shape.n);
  return {Kernel::kCooperative, tile, 32,
          loop(divide_up(tile.rows * 4, invocations)) + loop(divide_up(tile.columns * 4, invocations)),
          Turns(matrices * loop(divide_up(int64_t{shape.m} * shape.n, features.subgroup_size)).count)};
}

void launch_tiled(Context& context, const Product& p, const TensorView& c, bool accumulate, int64_t parts, Turns turns,
                  const GemmPush& push) {
  context.run_kernel({.kernel = "gemm_tiled_" + suffix_of(c.dtype),
                      .turns = turns,
                      .operands = {out(c), in(p.a.data), in(p.b.data)},
                      .constants = {0, accumulate},
                      .groups = {u32(divide_up(p.m, 64)), u32(divide_up(p.n, kPanelColumns)), u32(p.batches * parts)}},
                     push);
}

void launch_panels(Context& context, const Product& p, const TensorView& c, bool accumulate, Turns turns,
                   const GemmPush& push) {
  bool fours = p.n % 4 == 0;
  for (uint32_t each : {push.split, push.base, push.row_stride, push.outer_stride, push.batch_stride})
    fours = fours && each % 4 == 0;
  context.run_kernel({.kernel = "gemm_panels",
                      .turns = turns,
                      .operands = {out(c), out(c)},
                      .texels = {p.a.data, p.b.data},
                      .constants = {fours, accumulate},
                      .groups = {u32(divide_up(p.m, 32)), u32(divide_up(p.n, kPanelColumns)), u32(p.batches)}},
                     push);
}

void launch_cooperative(Context& context, const Product& p, const TensorView& c, bool accumulate, int64_t parts,
                        Turns turns, const GemmPush& push) {
  const Features& features = context.features();
  Tile tile = features.tuning().tile;
  CooperativeShape shape = features.cooperative;
  context.run_kernel(
      {.kernel = "gemm_cooperative",
       .turns = turns,
       .operands = {out(c), in(p.a.data), in(p.b.data)},
       .constants = {0, accumulate, tile.subgroups() * features.subgroup_size, shape.m, shape.n, shape.k, tile.rows,
                     tile.columns, tile.subgroup_rows, tile.subgroup_columns},
       .groups = {u32(divide_up(p.m, tile.rows)), u32(divide_up(p.n, tile.columns)), u32(p.batches * parts)},
       .full_subgroups = true},
      push);
}

void launch(Context& context, const Kernel& kernel, const Product& p, const TensorView& c, bool accumulate,
            int64_t parts, const GemmPush& push) {
  Turns turns = kernel.turns(push.k_part);
  if (kernel.kind == Kernel::kPanels)
    launch_panels(context, p, c, accumulate, turns, push);
  else if (kernel.kind == Kernel::kTiled)
    launch_tiled(context, p, c, accumulate, parts, turns, push);
  else
    launch_cooperative(context, p, c, accumulate, parts, turns, push);
}

int64_t tiles_of(const Product& p, const Tile& tile) {
  return divide_up(p.m, tile.rows) * divide_up(p.n, tile.columns) * p.batches;
}

// How many parts of k keep all cores busy. By shape and device only.
int64_t parts_of(const Context& context, int64_t tiles, int64_t padded_k) {
  constexpr int64_t kLeast = 256, kMost = 12;  // elements of a part; views that one program adds up
  const Features& features = context.features();
  int64_t bindings = std::min<int64_t>(features.limits.maxPerStageDescriptorStorageBuffers, 64) - 2;
  return std::max<int64_t>(std::min({2 * int64_t{features.cores} / tiles, padded_k / kLeast, kMost, bindings}), 1);
}

// Adds the parts in order, to what `result` holds or to nothing.
void add_parts(Context& context, const TensorView& parts, const TensorView& result, bool accumulate) {
  static ProgramCache cache;
  auto count = static_cast<int>(parts.sizes[0]);
  ProgramRef program = cache.get(key_of(parts.dtype, count, accumulate), [&](ProgramBuilder& p) {
    Expr sum = p.input(parts.dtype);
    for (int i = accumulate ? 0 : 1; i < count; ++i) sum = sum + p.input(parts.dtype);
    p.output(sum, parts.dtype);
  });
  std::vector<TensorView> inputs;
  if (accumulate) inputs.push_back(result);
  for (int64_t i = 0; i < count; ++i) {
    TensorView part = contiguous_view(parts.buffer, parts.dtype, result.shape());
    part.offset = i * part.numel() * size_of(part.dtype);
    inputs.push_back(part);
  }
  context.map(program, inputs, List<TensorView>(&result, 1));
}

// The target as [batches, rows, groups of columns, columns].
TensorView view_of(const ProductTarget& target, const Product& p) {
  int64_t split = target.split ? target.split : p.n;
  TensorView view = target.view;
  view.offset += target.base * size_of(view.dtype);
  view.rank = 4;
  view.sizes = {p.batches, p.m, p.n / split, split};
  view.strides = {target.batch_stride, target.row_stride, target.outer_stride, 1};
  return view;
}

void multiply_at_once(Context& context, const Product& product, const ProductTarget& target, bool accumulate) {
  const auto& [a, b, m, n, batches] = product;
  Kernel kernel = kernel_for(context, a.data.dtype, target.view.dtype);
  int64_t parts = kernel.kind == Kernel::kPanels ? 1 : parts_of(context, tiles_of(product, kernel.tile), a.padded_k);
  parts = std::min(parts, kMostGroups / batches);
  GemmPush push{u32(m),
                u32(n),
                u32(a.padded_k),
                u32(a.batch_stride),
                u32(b.batch_stride),
                u32(target.base),
                u32(target.row_stride),
                u32(target.split ? target.split : round_up(n, kPanelColumns)),
                u32(target.outer_stride),
                u32(target.batch_stride),
                u32(batches),
                u32(a.padded_k),
                0,
                0,
                u32(a.padded_k)};
  int64_t longest = kernel.longest(context.turns());
  if (parts > 1) {
    push.k_part = u32(round_up(divide_up(a.padded_k, parts), 32));
    parts = divide_up(a.padded_k, push.k_part);
  }
  if (parts > 1 && push.k_part <= longest) {
    push.base = push.outer_stride = 0;
    push.split = u32(round_up(n, kPanelColumns * 2));
    push.row_stride = u32(n);
    push.batch_stride = u32(m * n);
    push.part_stride = u32(batches * m * n);
    TensorView sums = context.scratch(target.view.dtype, {parts, batches, m, n});
    launch(context, kernel, product, sums, false, parts, push);
    return add_parts(context, sums, view_of(target, product), accumulate);
  }
  // One part at a time, each added to what those before it made.
  longest = std::min(longest / 32 * 32, a.padded_k);
  for (int64_t first = 0; first < a.padded_k; first += longest) {
    push.k_first = u32(first);
    push.k_end = u32(std::min(first + longest, a.padded_k));
    push.k_part = push.k_end - push.k_first;
    launch(context, kernel, product, target.view, accumulate || first > 0, 1, push);
  }
}

}  // namespace

ProductTarget target_from(const Context& context, const TensorView& view, int64_t first, int64_t count) {
  TensorView part = contiguous_view(view.buffer, view.dtype, {count}, view.offset + first * size_of(view.dtype));
  int64_t base = context.base_of(part);
  part.offset -= base * size_of(part.dtype);
  part.sizes[0] += base;
  return {.view = part, .base = base};
}

void multiply(Context& context, const Packed& a, const Packed& b, const ProductTarget& target, int64_t m, int64_t n,
              int64_t batches, bool accumulate) {
  for (int64_t batch = 0; batch < batches; batch += kMostBlocks)
    for (int64_t row = 0; row < m; row += kMostBlocks * kLeastTile)
      for (int64_t column = 0; column < n; column += kMostColumns) {
        Packed rows = packed_from(a, batch * a.batch_stride + row * a.padded_k);
        Packed columns = packed_from(b, batch * b.batch_stride + column * b.padded_k);
        ProductTarget part = target;
        part.base += batch * target.batch_stride + row * target.row_stride + column;
        multiply_at_once(context,
                         {rows, columns, std::min(m - row, kMostBlocks * kLeastTile),
                          std::min(n - column, kMostColumns), std::min(batches - batch, kMostBlocks)},
                         part, accumulate);
      }
}

}  // namespace lineshaft::vulkan
