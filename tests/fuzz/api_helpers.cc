#include <algorithm>

#include "fuzz/api_caller.h"
#include "lineshaft/frontend/indexing.h"
#include "lineshaft/frontend/map.h"
#include "lineshaft/frontend/reduction.h"
#include "lineshaft/frontend/spatial.h"
#include "lineshaft/ops/catalogue.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::fuzz {
namespace {

std::vector<int64_t> numbers(Choices& choices, size_t count) {
  static constexpr int64_t kFew[] = {0, 1, 2, 3, 4, 6, 8};
  std::vector<int64_t> result(count);
  bool wild = choices.one_in(2);
  for (int64_t& number : result) number = wild ? choices.number(16) : kFew[choices.below(std::size(kFew))];
  return result;
}

DType dtype(Choices& choices) {
  return static_cast<DType>(choices.below(kDTypeCount));
}

TensorView view(Choices& choices) {
  TensorView view{BufferId::make(1, 1), choices.number(64), dtype(choices), static_cast<uint8_t>(choices.below(9))};
  std::ranges::copy(numbers(choices, view.rank), view.sizes.begin());
  std::ranges::copy(numbers(choices, view.rank), view.strides.begin());
  return view;
}

Spatial spatial(Choices& choices) {
  Spatial result;
  for (int32_t& each : result) each = static_cast<int32_t>(choices.number(4));
  return result;
}

// Where some of the values are given to functions that take few.
std::span<const int64_t> part(const std::vector<int64_t>& all, Choices& choices) {
  return std::span(all).first(choices.below(all.size() + 1));
}

}  // namespace

void call_views(Choices& choices) {
  TensorView a = view(choices), b = view(choices);
  auto sizes = numbers(choices, choices.below(11));
  works([&] {
    TensorView made = contiguous_view(a.buffer, a.dtype, sizes);
    validate_view(made);
    must(made.is_contiguous() && std::ranges::equal(made.shape(), sizes), "a contiguous view is another one");
    if (made.numel() > 0) validate_output_view(made);
  });
  works([&] {
    TensorView made = broadcast_to(a, sizes);
    must(std::ranges::equal(made.shape(), sizes), "a view broadcasts to other sizes");
  });
  if (auto made = reshaped(a, sizes)) must(made->numel() == a.numel(), "a view has other elements once reshaped");
  works([&] {
    TensorView moved = axis_last(a, static_cast<int>(choices.number(8)));
    bool sized = std::ranges::all_of(a.shape(), [](int64_t size) { return size >= 0; });
    must(!sized || moved.numel() == a.numel(), "a view has other elements once an axis moves");
  });
  same_shape(a, b);
  ByteRange range = byte_range(a);
  to_string(a);
  bool right = works([&] { validate_view(a); }) && works([&] { validate_view(b); });
  if (right) {
    must(range.begin <= range.end, "bytes end before they begin");
    must((overlap(a, b) == Overlap::kDisjoint) == (overlap(b, a) == Overlap::kDisjoint), "an overlap is one-sided");
  }
  works([&] { validate_output_view(a); });
  auto strides = numbers(choices, choices.below(9)), bounds = numbers(choices, strides.size());
  reachable(a, strides, bounds);
  a.rank = choices.byte();
  a.dtype = static_cast<DType>(choices.byte());
  must(to_string(a).size() < 512, "a text is long");
  works([&] { validate_view(a); });
}

void call_rules(Choices& choices) {
  ConvGeometry geometry{.stride = spatial(choices),
                        .dilation = spatial(choices),
                        .padding_begin = spatial(choices),
                        .padding_end = spatial(choices),
                        .groups = static_cast<int32_t>(choices.number(4))};
  size_t rank = choices.below(8);
  auto input = numbers(choices, rank), weight = numbers(choices, choices.one_in(4) ? choices.below(8) : rank);
  auto output = numbers(choices, choices.one_in(4) ? choices.below(8) : rank);
  works([&] {
    Sizes sizes = conv_output_sizes(input, weight, geometry);
    must(sizes.size() == input.size(), "a convolution gives another rank");
    for (size_t i = 2; i < sizes.size(); ++i) must(sizes[i] >= 0, "a convolution gives a size below 0");
  });
  works([&] { conv_output_size(choices.number(8), choices.number(8), geometry, static_cast<int>(choices.number(3))); });
  works([&] { conv_transposed_output_sizes(input, weight, geometry, spatial(choices)); });
  works([&] {
    Sizes sizes = fit_conv_transposed(geometry, input, weight, output);
    must(sizes.size() == input.size(), "a transposed convolution gives another rank");
  });
  TensorView a = view(choices), b = view(choices), c = view(choices);
  works([&] { validate(Conv{.input = a, .weight = b, .output = c, .geometry = geometry}); });
  works([&] { validate(Unfold{.input = a, .output = b, .kernel = spatial(choices), .geometry = geometry}); });
  works([&] { validate(Matmul{.a = a, .b = b, .output = c}); });
  works([&] { validate(Softmax{.axis = static_cast<int32_t>(choices.number(8)), .input = a, .output = b}); });
  auto strides = numbers(choices, choices.below(10)), bounds = numbers(choices, choices.below(10));
  std::vector<TensorView> indices(choices.below(10), b);
  works([&] {
    validate(Gather{.input = a, .indices = indices, .index_strides = strides, .bounds = bounds, .output = c});
  });
}

void call_frontend(Choices& choices) {
  using namespace frontend;
  TensorView a = view(choices), b = view(choices);
  auto axis = static_cast<int>(choices.number(8));
  works([&] { index_each(a, axis, b); });
  works([&] { index_slices(a, axis, b); });
  std::vector<TensorView> indices(choices.below(10), b);
  if (indices.size() > 1) indices.back() = view(choices);
  works([&] { index_neighbours(a, axis, indices); });
  works([&] {
    Reduction reduction(a, choices.byte(), choices.one_in(2));
    must(reduction.sizes().size() <= a.rank, "a reduction gives more axes");
  });
  auto sizes = numbers(choices, choices.below(12)), strides = numbers(choices, sizes.size());
  TensorRef tensor{a.buffer, choices.number(64), a.dtype, sizes, strides};
  auto other = numbers(choices, choices.below(12));
  tensor.numel();
  works([&] { view_of(tensor); });
  works([&] {
    TensorView made = view_of(tensor, other);
    must(std::ranges::equal(made.shape(), other), "a tensor broadcasts to other sizes");
  });
  must(result_strides(sizes, {&tensor, 1}).size() == sizes.size(), "a result has other axes");
  works([&] { spatial_of(part(other, choices), static_cast<int>(choices.below(6)), 1, spatial(choices)); });
  works([&] { small_number(choices.number(INT32_MAX)); });
  double number = 0;
  uint64_t bits = choices.bits();
  std::memcpy(&number, &bits, sizeof number);
  argument(number, dtype(choices));
  argument(static_cast<int64_t>(bits), dtype(choices));
}

ProgramRef build_program(Choices& choices) {
  static size_t left = 1 << 16;  // programs live as long as the process
  if (left == 0) return nullptr;
  --left;
  ProgramBuilder builder, other;
  std::vector<Expr> values{builder.input(dtype(choices))};
  const Expr wrong[] = {Expr{}, other.input(DType::kF32)};
  auto value = [&] {
    return choices.one_in(32) ? wrong[choices.below(2)] : values[choices.random()() % values.size()];
  };
  // Mostly of a type that has a meaning, as what refuses one instruction refuses the program.
  auto like = [&](Expr x) {
    Expr y = value();
    return y.type == x.type || !y.builder || choices.one_in(16) ? y : cast(y, x.type);
  };
  auto next = [&]() -> Expr {
    auto type = compute_type(dtype(choices));
    double number = choices.one_in(4) ? static_cast<double>(choices.number(1000)) * 1e10 : choices.byte();
    switch (choices.below(10)) {
      case 0:
        return builder.input(dtype(choices));
      case 1:
        return builder.arg(type);
      case 2:
        return builder.constant(type, number);
      case 3:
        return builder.constant(type, choices.number(1000));
      case 4:
        return choices.one_in(2) ? builder.index(choices.one_in(8) ? static_cast<int>(choices.number(8)) : 0)
                                 : builder.linear();
      case 5:
        return cast(value(), type);
      case 6:
        return narrow(value(), dtype(choices));
      case 7: {
        Expr x = value();
        return select(x == like(x), x, like(x));
      }
      case 8: {
        Expr x = value();
        auto opcode = static_cast<Opcode>(choices.below(choices.one_in(16) ? 256 : kOpcodeCount));
        return builder.emit(opcode, x.type, x, like(x), like(x), static_cast<uint16_t>(choices.below(12)));
      }
      default: {
        Expr x = value(), y = like(x);
        return choices.one_in(2) ? x + y : min(x, number);
      }
    }
  };
  ProgramRef program = nullptr;
  for (size_t count = choices.below(12); count > 0; --count) works([&] { values.push_back(next()); });
  works([&] {
    for (size_t count = 1 + choices.below(3); count > 0; --count) builder.output(value(), dtype(choices));
    program = builder.finish();
  });
  return program;
}

}  // namespace lineshaft::fuzz
