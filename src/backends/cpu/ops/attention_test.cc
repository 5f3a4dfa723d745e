// Attention and its gradient against the definition.
#include "lineshaft/ops/attention.h"

#include <limits>

#include "backends/cpu/dnn/test_tensor.h"
#include "lineshaft/ops/attention_grad.h"
#include "program/philox.h"

namespace lineshaft::cpu::test {
namespace {

struct Case {
  int64_t batches, heads, queries, keys, depth, values;
  int mask = 0;  // 0: none, 1: bool, 2: added
  bool causal = false;
  double dropout = 0;
  bool permuted = false;  // [B, L, H, D] in memory
};

struct Reference {
  std::vector<double> output, logsumexp, grad_query, grad_key, grad_value;
};

struct Inputs {
  std::vector<double> q, k, v, mask, g;
};

// One head at a time, all of the score matrix.
Reference reference(const Case& c, const AttentionParams& params, const Inputs& in) {
  int64_t m = c.queries, n = c.keys, d = c.depth, e = c.values;
  Reference r;
  r.output.resize(c.batches * c.heads * m * e);
  r.logsumexp.resize(c.batches * c.heads * m);
  r.grad_query.resize(in.q.size());
  r.grad_key.resize(in.k.size());
  r.grad_value.resize(in.v.size());
  for (int64_t head = 0; head < c.batches * c.heads; ++head) {
    const double *q = in.q.data() + head * m * d, *k = in.k.data() + head * n * d, *v = in.v.data() + head * n * e,
                 *g = in.g.data() + head * m * e;
    for (int64_t i = 0; i < m; ++i) {
      std::vector<double> s(n), p(n), kept(n), dp(n);
      double sum = 0;
      for (int64_t j = 0; j < n; ++j) {
        for (int64_t x = 0; x < d; ++x) s[j] += params.scale * q[i * d + x] * k[j * d + x];
        double mask = c.mask ? in.mask[(head * m + i) * n + j] : 0;
        if (c.mask == 2) s[j] += mask;
        if ((c.mask == 1 && mask == 0) || (c.causal && j > i + n - m)) s[j] = -std::numeric_limits<double>::infinity();
        sum += std::exp(s[j]);
        uint32_t word = philox(params.seed, params.offset + (head * m + i) * n + j)[0];
        float uniform = static_cast<float>(word >> 8) * 0x1p-24f;
        kept[j] = uniform >= static_cast<float>(params.dropout) ? 1 / (1 - params.dropout) : 0;
      }
      r.logsumexp[head * m + i] = std::log(sum);
      double delta = 0;
      for (int64_t j = 0; j < n; ++j) {
        p[j] = sum > 0 ? std::exp(s[j]) / sum : 0;
        for (int64_t x = 0; x < e; ++x) {
          r.output[(head * m + i) * e + x] += p[j] * kept[j] * v[j * e + x];
          dp[j] += g[i * e + x] * v[j * e + x] * kept[j];
          r.grad_value[head * n * e + j * e + x] += p[j] * kept[j] * g[i * e + x];
        }
        delta += p[j] * dp[j];
      }
      for (int64_t j = 0; j < n; ++j)
        for (int64_t x = 0; x < d; ++x) {
          r.grad_query[(head * m + i) * d + x] += params.scale * p[j] * (dp[j] - delta) * k[j * d + x];
          r.grad_key[head * n * d + j * d + x] += params.scale * p[j] * (dp[j] - delta) * q[i * d + x];
        }
    }
  }
  return r;
}

void check(const Case& c, DType type) {
  SCOPED_TRACE(concat(name_of(type), " B", c.batches, " H", c.heads, " Lq", c.queries, " Lk", c.keys, " D", c.depth,
                      " Dv", c.values, " mask ", c.mask, " causal ", c.causal, " dropout ", c.dropout, " permuted ",
                      c.permuted));
  Layout layout;
  if (c.permuted) layout.order = {0, 2, 1, 3};
  auto make = [&](DType dtype, int64_t rows, int64_t columns) {
    return Tensor(dtype, {c.batches, c.heads, rows, columns}, layout);
  };
  Tensor q = make(type, c.queries, c.depth), k = make(type, c.keys, c.depth), v = make(type, c.keys, c.values);
  Tensor mask = make(c.mask == 1 ? DType::kBool : type, c.queries, c.keys), out = make(type, c.queries, c.values);
  Tensor g = make(type, c.queries, c.values), gq = make(type, c.queries, c.depth), gk = make(type, c.keys, c.depth);
  Tensor gv = make(type, c.keys, c.values);
  Tensor log(type == DType::kF64 ? type : DType::kF32, {c.batches, c.heads, c.queries});
  Inputs in{q.randomize(1, 2), k.randomize(2, 2), v.randomize(3), mask.randomize(4), g.randomize(5)};
  if (c.mask == 1) {
    for (size_t i = 0; i < in.mask.size(); ++i)
      in.mask[i] = i * 7919 % 3 != 0 && i / c.keys % 5 != 2;  // some rows have no key
    mask.write(in.mask);
  }
  AttentionParams params{1.0 / std::sqrt(static_cast<double>(c.depth)), c.causal, c.dropout, 77, int64_t{1} << 33};
  TensorView used = c.mask ? mask.view : TensorView{};
  stream().record(Attention{q.view, k.view, v.view, used, out.view, log.view, params});
  stream().record(
      AttentionGrad{g.view, q.view, k.view, v.view, used, out.view, log.view, gq.view, gk.view, gv.view, params});
  Reference want = reference(c, params, in);
  double close = type == DType::kF64 ? 1e-12 : type == DType::kF32 ? 4e-6 : type == DType::kF16 ? 4e-3 : 3e-2;
  auto logs = log.read();
  for (size_t i = 0; i < logs.size(); ++i) {
    if (std::isinf(want.logsumexp[i]))
      ASSERT_EQ(logs[i], want.logsumexp[i]);
    else
      ASSERT_NEAR(logs[i], want.logsumexp[i], type == DType::kF64 ? 1e-12 : 1e-5);
  }
  {
    SCOPED_TRACE("output");
    expect_close(out.read(), want.output, close);
  }
  {
    SCOPED_TRACE("grad_query");
    expect_close(gq.read(), want.grad_query, close, 2);
  }
  {
    SCOPED_TRACE("grad_key");
    expect_close(gk.read(), want.grad_key, close, 2 + std::sqrt(c.queries));
  }
  {
    SCOPED_TRACE("grad_value");
    expect_close(gv.read(), want.grad_value, close, 2 + std::sqrt(c.queries));
  }
}

constexpr DType kFloats[] = {DType::kF32, DType::kF64, DType::kF16, DType::kBF16};

TEST(CpuAttention, AgreesWithTheDefinition) {
  for (DType type : kFloats)
    for (bool permuted : {false, true}) {
      check({2, 3, 17, 17, 8, 8, 0, false, 0, permuted}, type);
      check({1, 1, 1, 40, 16, 5, 0, false, 0, permuted}, type);
      check({1, 2, 300, 70, 8, 12, 0, false, 0, permuted}, type);
      check({1, 1, 150, 600, 4, 4, 0, false, 0, permuted}, type);
    }
}

TEST(CpuAttention, MasksAndCausalityHideKeys) {
  for (DType type : kFloats)
    for (int mask : {0, 1, 2})
      for (bool causal : {false, true}) {
        check({2, 2, 19, 33, 8, 8, mask, causal}, type);
        check({1, 2, 40, 30, 8, 8, mask, causal, 0, true}, type);  // causal: the first queries see nothing
        check({1, 1, 140, 530, 4, 4, mask, causal}, type);
      }
}

TEST(CpuAttention, DropoutFollowsPhilox) {
  for (DType type : kFloats) {
    check({2, 2, 19, 33, 8, 8, 0, false, 0.3}, type);
    check({1, 2, 150, 540, 4, 4, 2, true, 0.5}, type);
  }
}

TEST(CpuAttention, NothingToAttendToGivesZeros) {
  check({2, 1, 3, 0, 4, 5}, DType::kF32);
  check({2, 1, 0, 3, 4, 5}, DType::kF32);
  check({0, 1, 2, 3, 4, 5}, DType::kF64);
}

// Grouped queries share a key head by stride 0.
TEST(CpuAttention, SharedKeysAreReadInPlace) {
  for (DType type : {DType::kF32, DType::kBF16}) {
    Tensor q(type, {2, 4, 9, 8}), k(type, {2, 1, 11, 8}), v(type, {2, 1, 11, 8}), one(type, {2, 4, 9, 8}),
        two(type, {2, 4, 9, 8});
    Tensor wide_k(type, {2, 4, 11, 8}), wide_v(type, {2, 4, 11, 8}), log(DType::kF32, {2, 4, 9});
    q.randomize(1);
    auto repeat = [](const std::vector<double>& x) {
      std::vector<double> wide;
      for (int b = 0; b < 2; ++b)
        for (int h = 0; h < 4; ++h) wide.insert(wide.end(), x.begin() + b * 88, x.begin() + (b + 1) * 88);
      return wide;
    };
    wide_k.write(repeat(k.randomize(2)));
    wide_v.write(repeat(v.randomize(3)));
    TensorView shared_k = broadcast_to(k.view, wide_k.view.shape()),
               shared_v = broadcast_to(v.view, wide_v.view.shape());
    stream().record(Attention{q.view, shared_k, shared_v, {}, one.view, log.view, {}});
    stream().record(Attention{q.view, wide_k.view, wide_v.view, {}, two.view, log.view, {}});
    EXPECT_EQ(one.read(), two.read());
  }
}

}  // namespace
}  // namespace lineshaft::cpu::test
