// Times operations of the CPU backend, one line each: name, best milliseconds. torch_operations.py runs PyTorch's on
// the same sizes.
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "backends/cpu/context.h"
#include "backends/cpu/parallel.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::cpu {
namespace {

class BenchContext final : public Context {
 public:
  void* scratch(size_t bytes) override {
    if (used_ + bytes + 64 > kScratch) used_ = 0;
    void* at = scratch_ + used_;
    used_ += (bytes + 127) & ~size_t{63};
    return at;
  }
  void report_index(int64_t, int64_t) override {}
  void report_requirement(Requirement) override {}
  uint64_t write_count(BufferId) override { return 0; }
  TensorView make(DType type, std::vector<int64_t> sizes) {
    int64_t count = 1;
    for (int64_t size : sizes) count *= size;
    auto* memory =
        static_cast<std::byte*>(std::aligned_alloc(1 << 21, (count * size_of(type) + (2 << 21) - 1) >> 21 << 21));
    std::memset(memory, 0, count * size_of(type));
    if (type == DType::kF32)
      for (int64_t k = 0; k < count; ++k)
        reinterpret_cast<float*>(memory)[k] = static_cast<float>((k * 7919) % 2001 - 1000) * 2e-3f;
    buffers_.push_back(memory);
    return contiguous_view(BufferId::make(static_cast<uint32_t>(buffers_.size() - 1), 1), type, sizes);
  }

 protected:
  std::byte* base(BufferId buffer) override { return buffers_[buffer.slot()]; }

 private:
  static constexpr size_t kScratch = size_t{256} << 20;
  std::byte* scratch_ = static_cast<std::byte*>(std::aligned_alloc(64, kScratch));
  size_t used_ = 0;
  std::vector<std::byte*> buffers_;
};

BenchContext context;
std::string only;

// With one thread, the process's own time, which others on the machine do not stretch.
double now() {
  timespec at;
  clock_gettime(thread_count() == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

void time(const std::string& name, const std::function<void()>& f) {
  if (name.find(only) == std::string::npos) return;
  double best = 1e9, spent = 0;
  f();
  for (int i = 0; i < 200 && (spent < 0.3 || i < 5); ++i) {
    double begin = now();
    f();
    double seconds = now() - begin;
    best = std::min(best, seconds);
    spent += seconds;
  }
  std::printf("%-38s %9.4f\n", name.c_str(), best * 1e3);
  std::fflush(stdout);
}

void map(const std::string& name, std::vector<TensorView> inputs, TensorView output,
         const std::function<Expr(std::vector<Expr>&)>& formula) {
  ProgramBuilder p;
  std::vector<Expr> in;
  for (const TensorView& view : inputs) in.push_back(p.input(view.dtype));
  p.output(formula(in), output.dtype);
  ProgramRef program = p.finish();
  time(name, [&] { run(context, Map{program, inputs, {&output, 1}, {}}); });
}

void maps() {
  constexpr int64_t n = 4 << 20;
  TensorView a = context.make(DType::kF32, {n}), b = context.make(DType::kF32, {n}),
             out = context.make(DType::kF32, {n});
  using In = std::vector<Expr>;
  map("copy 16M", {a}, out, [](In& x) { return x[0]; });
  map("add 16M", {a, b}, out, [](In& x) { return x[0] + x[1]; });
  map("mul 16M", {a, b}, out, [](In& x) { return x[0] * x[1]; });
  map("relu 16M", {a}, out, [](In& x) { return max(x[0], 0.0); });
  map("exp 16M", {a}, out, [](In& x) { return exp(x[0]); });
  map("tanh 16M", {a}, out, [](In& x) { return tanh(x[0]); });
  map("sigmoid 16M", {a}, out, [](In& x) { return 1.0 / (exp(-x[0]) + 1.0); });
  map("erf 16M", {a}, out, [](In& x) { return erf(x[0]); });
  map("gelu 16M", {a}, out, [](In& x) { return x[0] * 0.5 * (erf(x[0] * 0.70710678118654752) + 1.0); });
  map("chain4 16M", {a, b}, out, [](In& x) { return max((x[0] + x[1]) * x[1] - 0.5, 0.0); });
  map(
      "add 64K",
      {[&] {
         auto v = a;
         v.sizes[0] = 16384;
         return v;
       }(),
       [&] {
         auto v = b;
         v.sizes[0] = 16384;
         return v;
       }()},
      [&] {
        auto v = out;
        v.sizes[0] = 16384;
        return v;
      }(),
      [](In& x) { return x[0] + x[1]; });
  map(
      "add 256",
      {[&] {
         auto v = a;
         v.sizes[0] = 64;
         return v;
       }(),
       [&] {
         auto v = b;
         v.sizes[0] = 64;
         return v;
       }()},
      [&] {
        auto v = out;
        v.sizes[0] = 64;
        return v;
      }(),
      [](In& x) { return x[0] + x[1]; });
  TensorView m = contiguous_view(a.buffer, DType::kF32, {2048, 2048}), t = m,
             o = contiguous_view(out.buffer, DType::kF32, {2048, 2048});
  std::swap(t.strides[0], t.strides[1]);
  map("transpose 2048", {t}, o, [](In& x) { return x[0]; });
  map("add transposed 2048", {m, t}, o, [](In& x) { return x[0] + x[1]; });
  map("add bias 2048", {m, broadcast_to(contiguous_view(b.buffer, DType::kF32, {2048}), m.shape())}, o,
      [](In& x) { return x[0] + x[1]; });
  TensorView im = contiguous_view(a.buffer, DType::kF32, {32, 64, 2048}),
             io = contiguous_view(out.buffer, DType::kF32, {32, 64, 2048});
  map("channel scale", {im, broadcast_to(contiguous_view(b.buffer, DType::kF32, {64, 1}), im.shape())}, io,
      [](In& x) { return x[0] * x[1]; });
  TensorView h = context.make(DType::kF16, {n}), bf = context.make(DType::kBF16, {n});
  map("to f16", {a}, h, [](In& x) { return x[0]; });
  map("to bf16", {a}, bf, [](In& x) { return x[0]; });
  map("add bf16", {bf, bf}, bf, [](In& x) { return x[0] + x[1]; });
  ProgramBuilder p;
  Expr x = p.input(DType::kF32),
       keep = uniform_from_bits(philox(p.arg(DType::kI64), p.linear(), 0)) <= p.arg(DType::kF32);
  p.output(select(keep, x * 1.25, 0.0), DType::kF32);
  ProgramRef dropout = p.finish();
  Scalar args[] = {Scalar::of(int64_t{7}), Scalar::of(0.8)};
  time("dropout 16M", [&] { run(context, Map{dropout, {&a, 1}, {&out, 1}, args}); });
}

void reduce(const std::string& name, ReduceKind kind, TensorView in, uint8_t axes) {
  std::vector<int64_t> sizes(in.shape().begin(), in.shape().end());
  for (int i = 0; i < in.rank; ++i)
    if (axes >> i & 1) sizes[i] = 1;
  Reduce op{.kind = kind, .axes = axes};
  op.inputs = {&in, 1};
  op.output = context.make(kind == ReduceKind::kArgMax ? DType::kI64 : DType::kF32, sizes);
  if (kind == ReduceKind::kMeanVar) op.variance = context.make(DType::kF32, sizes);
  time(name, [&] { run(context, op); });
}

void reductions() {
  TensorView m = context.make(DType::kF32, {4096, 1024});
  TensorView flat = contiguous_view(m.buffer, DType::kF32, {4 << 20});
  TensorView image = contiguous_view(m.buffer, DType::kF32, {32, 64, 2048}),
             small = contiguous_view(m.buffer, DType::kF32, {1 << 18, 16});
  reduce("sum all", ReduceKind::kSum, flat, 1);
  reduce("sum rows", ReduceKind::kSum, m, 2);
  reduce("sum columns", ReduceKind::kSum, m, 1);
  reduce("sum channels", ReduceKind::kSum, image, 5);
  reduce("sum short rows", ReduceKind::kSum, small, 2);
  reduce("max rows", ReduceKind::kMax, m, 2);
  reduce("argmax rows", ReduceKind::kArgMax, m, 2);
  reduce("var rows", ReduceKind::kMeanVar, m, 2);
  reduce("var channels", ReduceKind::kMeanVar, image, 5);
}

void softmaxes() {
  TensorView x = context.make(DType::kF32, {4096, 1024}), y = context.make(DType::kF32, {4096, 1024}),
             g = context.make(DType::kF32, {4096, 1024}), d = context.make(DType::kF32, {4096, 1024});
  for (bool log : {false, true}) {
    std::string name = log ? "log_softmax" : "softmax";
    time(name, [&] { run(context, Softmax{1, log, x, y}); });
    time(name + " backward", [&] { run(context, SoftmaxGrad{1, log, g, y, d}); });
    time(name + " outer", [&] { run(context, Softmax{0, log, x, y}); });
  }
}

void normalize(const std::string& name, std::vector<int64_t> sizes, uint8_t axes, uint8_t varies, bool last) {
  std::vector<int64_t> group = sizes, weight = sizes;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (axes >> i & 1) group[i] = 1;
    if (!(varies >> i & 1)) weight[i] = 1;
  }
  TensorView x = context.make(DType::kF32, sizes), y = context.make(DType::kF32, sizes),
             g = context.make(DType::kF32, sizes), d = context.make(DType::kF32, sizes);
  if (last)
    for (auto* v : {&x, &y, &g, &d}) v->strides = {sizes[1] * sizes[2], 1, sizes[1]};
  TensorView w = broadcast_to(context.make(DType::kF32, weight), x.shape()),
             b = broadcast_to(context.make(DType::kF32, weight), x.shape());
  TensorView mean = context.make(DType::kF32, group), rstd = context.make(DType::kF32, group);
  Normalize op{.axes = axes, .input = x, .weight = w, .bias = b, .mean = mean, .rstd = rstd, .output = y};
  time(name, [&] { run(context, op); });
  NormalizeGrad grad{.axes = axes,
                     .grad_output = g,
                     .input = x,
                     .weight = w,
                     .mean = mean,
                     .rstd = rstd,
                     .grad_input = d,
                     .grad_weight = context.make(DType::kF32, weight),
                     .grad_bias = context.make(DType::kF32, weight)};
  time(name + " backward", [&] { run(context, grad); });
}

}  // namespace
}  // namespace lineshaft::cpu

int main(int argc, char** argv) {
  using namespace lineshaft::cpu;
  if (argc > 1) only = argv[1];
  omp_set_num_threads(thread_count());
  maps();
  reductions();
  softmaxes();
  normalize("layer_norm 4096x1024", {4096, 1024}, 2, 2, false);
  normalize("layer_norm 8192x256", {8192, 256}, 2, 2, false);
  normalize("batch_norm 32x64x3136", {32, 64, 3136}, 5, 2, false);
  normalize("batch_norm 64x512x49", {64, 512, 49}, 5, 2, false);
  normalize("batch_norm last 32x64x3136", {32, 64, 3136}, 5, 2, true);
  normalize("group_norm 16x8x8x3136", {16, 8, 8, 3136}, 12, 6, false);
}
