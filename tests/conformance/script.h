// A random script of eager code: what fusion and graphs are tried on.
#pragma once

#include "conformance/bench.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::conformance {

// Runs what `random` says. Two of them with one seed record the same commands.
class Script {
 public:
  Script(Stream& stream, uint64_t seed) : stream_(stream), random_(seed), rows_(pick(12) + 1), columns_(pick(40) + 1) {
    for (int i = 0; i < 3; ++i) add_uploaded();
  }
  ~Script() {
    for (const TensorView& view : live_) stream_.release(view.buffer);
  }

  void step() {
    switch (pick(12)) {
      case 0:
        return add_uploaded();
      case 1:
        return reduce();
      case 2:
        return matmul();
      case 3:
        return normalize();
      case 4:
        return softmax();
      case 5:
        return map_each();
      case 6:
      case 7:
        return release();
      case 8:
        return map_in_place();
      default:
        return map();
    }
  }

  std::vector<std::vector<std::byte>> results() {
    std::vector<std::vector<std::byte>> all;
    for (const TensorView& view : live_) {
      all.emplace_back(view.numel() * size_of(view.dtype));
      stream_.read(view.buffer, 0, all.back().data(), static_cast<int64_t>(all.back().size()));
    }
    return all;
  }

 private:
  int64_t pick(int64_t count) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(count)); }
  DType dtype() {
    constexpr DType types[] = {DType::kF32, DType::kF32, DType::kF16, DType::kBF16};
    return types[pick(4)];
  }
  const TensorView& any() { return live_[pick(static_cast<int64_t>(live_.size()))]; }

  TensorView make(DType type, int64_t rows, int64_t columns) {
    BufferId buffer = stream_.create(rows * columns * size_of(type));
    return contiguous_view(buffer, type, {rows, columns});
  }
  void add_uploaded() {
    TensorView view = make(dtype(), pick(6) ? rows_ : 1, columns_);
    std::vector<std::byte> bytes(view.numel() * size_of(view.dtype));
    for (int64_t i = 0; i < view.numel(); ++i)
      random_element(random_, view.dtype, {}, bytes.data() + i * size_of(view.dtype));
    stream_.write(view.buffer, 0, bytes.data(), static_cast<int64_t>(bytes.size()));
    live_.push_back(view);
  }
  TensorView spread(const TensorView& view) {
    const int64_t sizes[] = {rows_, columns_};
    return broadcast_to(view, sizes);
  }

  Expr formula(ProgramBuilder& p, Expr x, Expr y) {
    switch (pick(9)) {
      case 0:
        return x + y;
      case 1:
        return x * y * 0.5;
      case 2:
        return max(x, 0.0);
      case 3:
        return x / (exp(-y) + 1.0);
      case 4:
        return select(x > y, x, y * 0.25);
      case 5:
        return tanh(x) - y;
      case 6:
        return x * 0.5 * (erf(x * 0.7071) + 1.0);
      case 7: {
        Expr draw = uniform_from_bits(philox(p.arg(DType::kI64), p.linear(), 0));
        args_.push_back(Scalar::of(pick(1000)));
        return select(draw < cast(y, DType::kF32), x, 0.0);
      }
      default:
        args_.push_back(Scalar::of(static_cast<double>(pick(8)) / 8));
        return x + y * p.arg(DType::kF32);
    }
  }
  ProgramRef program(DType a, DType b, std::initializer_list<DType> out) {
    args_.clear();
    ProgramBuilder p;
    Expr x = p.input(a), y = p.input(b);
    for (DType type : out) p.output(formula(p, x, y), type);
    return p.finish();
  }

  void map() {
    TensorView in[] = {spread(any()), spread(any())};
    TensorView out[] = {make(dtype(), rows_, columns_), make(dtype(), rows_, columns_)};
    ProgramRef ref = program(in[0].dtype, in[1].dtype, {out[0].dtype, out[1].dtype});
    stream_.record(Map{.program = ref, .inputs = in, .outputs = out, .args = args_});
    live_.push_back(out[0]);
    if (pick(2))
      live_.push_back(out[1]);
    else
      stream_.release(out[1].buffer);
  }
  void map_in_place() {
    TensorView target = any(), other = any();
    if (other.sizes[0] != target.sizes[0] || other.sizes[1] != target.sizes[1]) return;
    TensorView in[] = {target, other};
    ProgramRef ref = program(target.dtype, other.dtype, {target.dtype});
    stream_.record(Map{.program = ref, .inputs = in, .outputs = {&target, 1}, .args = args_});
  }
  void map_each() {
    ProgramBuilder p;
    Expr x = p.input(DType::kF32);
    p.output(x * p.arg(DType::kF32), DType::kF32);
    std::vector<TensorView> views;
    for (const TensorView& view : live_)
      if (view.dtype == DType::kF32 && pick(2)) views.push_back(view);
    if (views.empty()) return;
    Scalar factor[] = {Scalar::of(0.75)};
    stream_.record(MapEach{.program = p.finish(), .inputs = views, .outputs = views, .args = factor});
  }
  void reduce() {
    TensorView in = spread(any());
    bool over_columns = pick(2);
    TensorView out = over_columns ? make(DType::kF32, rows_, 1) : make(DType::kF32, 1, columns_);
    auto kind = pick(2) ? ReduceKind::kSum : ReduceKind::kMax;
    if (kind == ReduceKind::kMax)
      out = [&] {
        stream_.release(out.buffer);
        return over_columns ? make(in.dtype, rows_, 1) : make(in.dtype, 1, columns_);
      }();
    stream_.record(
        Reduce{.kind = kind, .axes = static_cast<uint8_t>(over_columns ? 2 : 1), .inputs = {&in, 1}, .output = out});
    live_.push_back(out);
  }
  void matmul() {
    TensorView a = spread(any()), b = spread(any());
    if (a.dtype != b.dtype) return;
    std::swap(b.sizes[0], b.sizes[1]);
    std::swap(b.strides[0], b.strides[1]);
    TensorView out = make(a.dtype, rows_, rows_);
    stream_.record(Matmul{.a = a, .b = b, .output = out});
    if (rows_ != columns_) {  // brought back to the common shape
      TensorView back = make(out.dtype, rows_, 1);
      stream_.record(Reduce{.kind = ReduceKind::kMin, .axes = 2, .inputs = {&out, 1}, .output = back});
      stream_.release(out.buffer);
      out = back;
    }
    live_.push_back(out);
  }
  void normalize() {
    TensorView in = spread(any()), mean = make(DType::kF32, rows_, 1), rstd = make(DType::kF32, rows_, 1);
    TensorView out = make(in.dtype, rows_, columns_);
    stream_.record(Normalize{.axes = 2, .input = in, .mean = mean, .rstd = rstd, .output = out});
    stream_.release(mean.buffer);
    live_.push_back(rstd);
    live_.push_back(out);
  }
  void softmax() {
    TensorView in = spread(any()), out = make(in.dtype, rows_, columns_);
    stream_.record(Softmax{.axis = 1, .input = in, .output = out});
    live_.push_back(out);
  }
  void release() {
    if (live_.size() < 4) return;
    auto at = live_.begin() + pick(static_cast<int64_t>(live_.size()));
    stream_.release(at->buffer);
    live_.erase(at);
  }

  Stream& stream_;
  std::mt19937_64 random_;
  int64_t rows_, columns_;
  std::vector<TensorView> live_;
  std::vector<Scalar> args_;
};

}  // namespace lineshaft::conformance
