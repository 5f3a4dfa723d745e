// require_work against work that is counted here: by loops for small shapes, which one axis then takes to the limit,
// and in 128 bits for large ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include "base/compiler.h"
#include "lineshaft/ops/attention_grad.h"
#include "lineshaft/ops/catalogue.h"
#include "ops/operands.h"
#include "support/expected_error.h"

namespace lineshaft {
namespace {

using Sizes = std::vector<int64_t>;
using Random = std::mt19937_64;
constexpr int64_t kViewLimit = int64_t{1} << 52;  // elements of a view

int64_t draw(Random& random, int64_t least, int64_t most) {
  return std::uniform_int_distribution<int64_t>(least, most)(random);
}

TensorView view(uint64_t buffer, const Sizes& sizes, DType dtype = DType::kF32) {
  return contiguous_view({buffer}, dtype, sizes);
}

// Whether contiguous views of these sizes are inside the limit of a view: the sum of sizes and strides.
bool fits(std::initializer_list<Sizes> views) {
  for (const Sizes& sizes : views) {
    Int128 numel = 1, reach = 0;
    for (auto size = sizes.rbegin(); size != sizes.rend(); ++size) {
      reach += *size * numel;
      numel *= *size;
    }
    if (reach > kViewLimit) return false;
  }
  return true;
}

// An operation whose work grows in proportion to one of its sizes, here called its length: the operation of a length,
// or nothing where a view of it would pass its own limit; and its work at length 1.
struct Scaled {
  std::function<std::optional<std::function<void()>>(int64_t length)> check;
  int64_t work = 0;
};

template <class Op>
std::function<void()> validated(Op op) {
  return [op] { validate(op); };
}

void expect_accepted(const std::function<void()>& check, int64_t length) {
  try {
    check();
  } catch (const Error& error) {
    ADD_FAILURE() << "length " << length << " is inside the limit and refused: " << error.what();
  }
}

// Whether the limit could be reached: the longest that is inside it is accepted, one more is refused.
bool expect_limit(const Scaled& scaled) {
  int64_t longest = kMaxWork / scaled.work;
  auto inside = scaled.check(longest), outside = scaled.check(longest + 1);
  if (longest < 1 || !inside || !outside) return false;
  expect_accepted(*inside, longest);
  expect_error(ErrorCode::kInvalidArgument, "more than 2^56", *outside);
  return true;
}

void expect_limits(int least, const std::function<Scaled(Random&)>& make) {
  Random random(20);
  int reached = 0;
  for (int round = 0; round < 400; ++round) {
    reached += expect_limit(make(random));
    if (testing::Test::HasFailure()) FAIL() << "in round " << round;
  }
  EXPECT_GE(reached, least);
}

// How many indices below `sizes` there are, counted one by one.
int64_t counted(const Sizes& sizes) {
  if (std::ranges::count(sizes, 0)) return 0;
  int64_t count = 0;
  for (Sizes at(sizes.size());;) {
    ++count;
    size_t axis = sizes.size();
    while (axis > 0 && ++at[axis - 1] == sizes[axis - 1]) at[--axis] = 0;
    if (axis == 0) return count;
  }
}

Matmul matmul_of(const Sizes& batch, int64_t rows, int64_t depth, int64_t columns) {
  auto with = [&](int64_t m, int64_t n) {
    Sizes sizes = batch;
    sizes.insert(sizes.end(), {m, n});
    return sizes;
  };
  return {.a = view(1, with(rows, depth)), .b = view(2, with(depth, columns)), .output = view(3, with(rows, columns))};
}

TEST(Work, ProductsOfEveryRankAndAxis) {
  expect_limits(200, [](Random& random) {
    Sizes shape = {1, draw(random, 34, 40), draw(random, 34, 40), draw(random, 34, 40)};
    bool batched = draw(random, 0, 1) == 1;
    size_t axis = static_cast<size_t>(draw(random, batched ? 0 : 1, 3));
    if (batched && axis > 0) shape[0] = draw(random, 1, 2);
    shape[axis] = 1;
    Scaled scaled{.work = counted(shape)};
    scaled.check = [=](int64_t length) -> std::optional<std::function<void()>> {
      Sizes s = shape;
      s[axis] = length;
      if (!fits({{s[0], s[1], s[2]}, {s[0], s[2], s[3]}, {s[0], s[1], s[3]}})) return std::nullopt;
      return validated(matmul_of(batched ? Sizes{s[0]} : Sizes{}, s[1], s[2], s[3]));
    };
    return scaled;
  });
}

TEST(Work, LargeProductsByExactArithmetic) {
  Random random(21);
  int accepted = 0, refused = 0;
  for (int round = 0; round < 2000; ++round) {
    auto size = [&] { return int64_t{1} << draw(random, 0, 24) | draw(random, 0, 1 << 10); };
    bool batched = draw(random, 0, 1) == 1;
    int64_t batch = batched ? size() : 1, rows = size(), depth = size(), columns = size();
    if (!fits({{batch, rows, depth}, {batch, depth, columns}, {batch, rows, columns}})) continue;
    Int128 work = static_cast<Int128>(batch) * rows * depth * columns;
    Matmul op = matmul_of(batched ? Sizes{batch} : Sizes{}, rows, depth, columns);
    if (work <= kMaxWork) {
      ++accepted;
      EXPECT_NO_THROW(validate(op)) << shape_text(op.a.shape()) << shape_text(op.b.shape());
    } else {
      ++refused;
      expect_error(ErrorCode::kInvalidArgument, "more than 2^56", [&] { validate(op); });
    }
  }
  EXPECT_GT(accepted, 200);
  EXPECT_GT(refused, 50);
}

TEST(Work, ALanguageModelsHeadAndTallProductsAreNoWork) {
  EXPECT_NO_THROW(validate(matmul_of({}, 16384, 4096, 128256)));
  EXPECT_NO_THROW(validate(matmul_of({}, 1 << 30, 64, 64)));
  EXPECT_NO_THROW(validate(matmul_of({8}, 16384, 4096, 128256)));
}

TEST(Work, TheLimitItselfIsInside) {
  EXPECT_NO_THROW(validate(matmul_of({}, 1 << 20, 1 << 18, 1 << 18)));
  expect_error(ErrorCode::kInvalidArgument, "1048577 x 262144 x 262144 multiplications, more than 2^56",
               [] { validate(matmul_of({}, (1 << 20) + 1, 1 << 18, 1 << 18)); });
  EXPECT_NO_THROW(require_work({kMaxWork}));
  EXPECT_NO_THROW(require_work({kMaxWork, 0, 1}));
  expect_error(ErrorCode::kInvalidArgument, "2^56", [] { require_work({kMaxWork, 0, 2}); });
  expect_error(ErrorCode::kInvalidArgument, "2^56", [] {
    require_work({INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX});
  });
}

// The multiplications of all pairs of queries and keys: `depths` numbers of queries and keys, and `values` of values.
int64_t pairs(int64_t keys, int64_t depth, int64_t values, int depths, int value_products) {
  int64_t count = 0;
  for (int64_t key = 0; key < keys; ++key) {
    for (int product = 0; product < depths; ++product) count += counted({depth});
    for (int product = 0; product < value_products; ++product) count += counted({values});
  }
  return count;
}

struct AttentionShape {
  int64_t batch, heads, queries, keys, depth, values;
  Sizes query() const { return {batch, heads, queries, depth}; }
  Sizes key() const { return {batch, heads, keys, depth}; }
  Sizes value() const { return {batch, heads, keys, values}; }
  Sizes output() const { return {batch, heads, queries, values}; }
  bool reachable() const { return fits({query(), key(), value(), output(), {batch, heads, queries, keys}}); }
};

// The axis that grows is the batch, the heads or the queries.
AttentionShape attention_shape(Random& random, int64_t AttentionShape::*& axis) {
  AttentionShape shape{draw(random, 1, 3),   draw(random, 1, 3),   draw(random, 1, 3),
                       draw(random, 20, 40), draw(random, 12, 30), draw(random, 12, 30)};
  axis = std::array{&AttentionShape::batch, &AttentionShape::heads, &AttentionShape::queries}[draw(random, 0, 2)];
  shape.*axis = 1;
  return shape;
}

TEST(Work, Attention) {
  expect_limits(100, [](Random& random) {
    int64_t AttentionShape::*axis;
    AttentionShape shape = attention_shape(random, axis);
    Scaled scaled{.work = counted({shape.batch, shape.heads, shape.queries}) *
                          pairs(shape.keys, shape.depth, shape.values, 1, 1)};
    scaled.check = [=](int64_t length) -> std::optional<std::function<void()>> {
      AttentionShape s = shape;
      s.*axis = length;
      if (!s.reachable()) return std::nullopt;
      return validated(Attention{.query = view(1, s.query()),
                                 .key = view(2, s.key()),
                                 .value = view(3, s.value()),
                                 .mask = {},
                                 .output = view(4, s.output()),
                                 .logsumexp = view(5, {s.batch, s.heads, s.queries}),
                                 .params = {}});
    };
    return scaled;
  });
}

TEST(Work, GradientsOfAttention) {
  expect_limits(100, [](Random& random) {
    int64_t AttentionShape::*axis;
    AttentionShape shape = attention_shape(random, axis);
    // Scores, and the gradients of query and key; the gradients of the weights and of value.
    Scaled scaled{.work = counted({shape.batch, shape.heads, shape.queries}) *
                          pairs(shape.keys, shape.depth, shape.values, 3, 2)};
    scaled.check = [=](int64_t length) -> std::optional<std::function<void()>> {
      AttentionShape s = shape;
      s.*axis = length;
      if (!s.reachable()) return std::nullopt;
      AttentionGrad op;
      op.query = view(1, s.query());
      op.key = view(2, s.key());
      op.value = view(3, s.value());
      op.output = view(4, s.output());
      op.logsumexp = view(5, {s.batch, s.heads, s.queries});
      op.grad_output = view(6, s.output());
      op.grad_query = view(7, s.query());
      op.grad_key = view(8, s.key());
      op.grad_value = view(9, s.value());
      return validated(op);
    };
    return scaled;
  });
}

struct ConvShape {
  int64_t channels, features;
  ConvGeometry geometry;
  Sizes input, kernel, output;  // spatial

  static Sizes joined(Sizes front, const Sizes& spatial) {
    front.insert(front.end(), spatial.begin(), spatial.end());
    return front;
  }
  // Each output element meets the taps of each channel of its group, those outside the input too.
  int64_t work() const { return counted(joined({features, channels / geometry.groups}, joined(output, kernel))); }
};

ConvShape conv_shape(Random& random) {
  ConvShape shape;
  shape.geometry.groups = static_cast<int32_t>(draw(random, 1, 2));
  shape.channels = shape.geometry.groups * draw(random, 1, 4);
  shape.features = shape.geometry.groups * draw(random, 3, 6);
  int spatial = static_cast<int>(draw(random, 1, 3));
  for (int i = 0; i < spatial; ++i) {
    int64_t kernel = draw(random, 1, spatial == 1 ? 24 : 5), stride = draw(random, 1, 2), dilation = draw(random, 1, 2);
    int64_t before = draw(random, 0, 2), after = draw(random, 0, 2), reach = dilation * (kernel - 1) + 1;
    int64_t input = reach + draw(random, 0, 4);
    shape.geometry.stride[i] = static_cast<int32_t>(stride);
    shape.geometry.dilation[i] = static_cast<int32_t>(dilation);
    shape.geometry.padding_begin[i] = static_cast<int32_t>(before);
    shape.geometry.padding_end[i] = static_cast<int32_t>(after);
    int64_t positions = 0;
    for (int64_t at = -before; at + reach <= input + after; at += stride) ++positions;
    shape.input.push_back(input);
    shape.kernel.push_back(kernel);
    shape.output.push_back(positions);
  }
  return shape;
}

// `make` gives the operation of the views [N, C, ...], [O, C / groups, ...] and [N, O, ...].
void expect_conv_limits(
    const std::function<std::function<void()>(const Sizes&, const Sizes&, const Sizes&, const ConvGeometry&)>& make) {
  expect_limits(50, [&](Random& random) {
    ConvShape shape = conv_shape(random);
    Scaled scaled{.work = shape.work()};
    scaled.check = [=](int64_t images) -> std::optional<std::function<void()>> {
      Sizes input = ConvShape::joined({images, shape.channels}, shape.input);
      Sizes output = ConvShape::joined({images, shape.features}, shape.output);
      if (!fits({input, output})) return std::nullopt;
      return make(input, ConvShape::joined({shape.features, shape.channels / shape.geometry.groups}, shape.kernel),
                  output, shape.geometry);
    };
    return scaled;
  });
}

TEST(Work, ConvolutionsOfEveryRank) {
  expect_conv_limits([](const Sizes& input, const Sizes& weight, const Sizes& output, const ConvGeometry& geometry) {
    return validated(
        Conv{.input = view(1, input), .weight = view(2, weight), .output = view(3, output), .geometry = geometry});
  });
}

TEST(Work, GradientsOfConvolutionsOfEveryRank) {
  expect_conv_limits([](const Sizes& input, const Sizes& weight, const Sizes& output, const ConvGeometry& geometry) {
    return validated(ConvGradInput{
        .grad_output = view(1, output), .weight = view(2, weight), .output = view(3, input), .geometry = geometry});
  });
  expect_conv_limits([](const Sizes& input, const Sizes& weight, const Sizes& output, const ConvGeometry& geometry) {
    return validated(ConvGradWeight{
        .input = view(1, input), .grad_output = view(2, output), .output = view(3, weight), .geometry = geometry});
  });
}

struct PoolShape {
  int64_t channels = 1;
  PoolGeometry geometry;
  Sizes input, output;
  int64_t work = 1;  // elements that the windows of one image have, those outside the input too
};

PoolShape pool_shape(Random& random) {
  PoolShape shape{.channels = draw(random, 1, 3), .work = 0};
  int spatial = static_cast<int>(draw(random, 1, 3));
  Sizes kernel;
  for (int i = 0; i < spatial; ++i) {
    const int64_t most = std::array{80, 9, 5}[spatial - 1];
    kernel.push_back(draw(random, most / 2, most));
    shape.geometry.kernel[i] = static_cast<int32_t>(kernel.back());
    shape.geometry.stride[i] = draw(random, 1, 9) == 9 ? 2 : 1;
    shape.geometry.dilation[i] = draw(random, 1, 9) == 9 ? 2 : 1;
    int64_t reach = shape.geometry.dilation[i] * (kernel.back() - 1) + 1;
    int64_t padding = draw(random, 0, std::min<int64_t>(reach / 2, 2)), input = reach + draw(random, 1, 2 * most);
    shape.geometry.padding[i] = static_cast<int32_t>(padding);
    int64_t positions = 0;
    for (int64_t at = -padding; at + reach <= input + padding; at += shape.geometry.stride[i]) ++positions;
    shape.input.push_back(input);
    shape.output.push_back(positions);
  }
  shape.work = counted({shape.channels}) * counted(ConvShape::joined(shape.output, kernel));
  return shape;
}

PoolShape adaptive_pool_shape(Random& random) {
  PoolShape shape{.channels = draw(random, 1, 3)};
  shape.geometry.kind = PoolKind::kAdaptiveMax;
  int spatial = static_cast<int>(draw(random, 2, 3));
  shape.work = shape.channels;
  for (int i = 0; i < spatial; ++i) {
    // Some axes shrink and others grow, so that the windows have more elements than either side.
    int64_t input = i == 0 ? draw(random, 60, 90) : draw(random, 1, 4);
    int64_t output = i == 0 ? draw(random, 1, 4) : draw(random, 60, 90);
    int64_t elements = 0;
    for (int64_t x = 0; x < output; ++x)
      for (int64_t at = 0; at < input; ++at)
        elements += at * output < (x + 1) * input && (at + 1) * output > x * input;  // they overlap as intervals
    shape.work *= elements;
    shape.input.push_back(input);
    shape.output.push_back(output);
  }
  return shape;
}

void expect_pool_limits(int least, const std::function<PoolShape(Random&)>& draw_shape, bool gradient) {
  expect_limits(least, [&](Random& random) {
    PoolShape shape = draw_shape(random);
    Scaled scaled{.work = shape.work};
    scaled.check = [=](int64_t images) -> std::optional<std::function<void()>> {
      Sizes input = ConvShape::joined({images, shape.channels}, shape.input);
      Sizes output = ConvShape::joined({images, shape.channels}, shape.output);
      if (!fits({input, output})) return std::nullopt;
      TensorView indices = view(3, output, DType::kI64);
      if (!gradient)
        return validated(
            Pool{.input = view(1, input), .output = view(2, output), .indices = indices, .geometry = shape.geometry});
      PoolGrad op;
      op.grad_output = view(1, output);
      op.indices = indices;
      op.output = view(2, input);
      op.geometry = shape.geometry;
      return validated(op);
    };
    return scaled;
  });
}

TEST(Work, PoolsOfEveryRankAndTheirGradients) {
  for (bool gradient : {false, true}) expect_pool_limits(50, pool_shape, gradient);
}

TEST(Work, AdaptivePoolsAndTheirGradients) {
  for (bool gradient : {false, true}) expect_pool_limits(50, adaptive_pool_shape, gradient);
}

}  // namespace
}  // namespace lineshaft
