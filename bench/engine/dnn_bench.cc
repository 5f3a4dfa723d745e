// Times the CPU backend's products, convolutions, pools and attention: `dnn_bench [part of a name]`. One line a case:
// the best time of several runs, and the rate. Nothing is fused and each run is one operation.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lineshaft/lineshaft.h"

namespace lineshaft {
namespace {

using Sizes = std::vector<int64_t>;

Stream& stream() {
  static std::unique_ptr<OpenDevice> device = open_device("cpu:0", StreamOptions::from_environment());
  return device->stream();
}

// Buffers of the case at hand.
std::vector<BufferId>& buffers() {
  static std::vector<BufferId> all;
  return all;
}

void end_case() {
  for (BufferId buffer : buffers()) stream().release(buffer);
  buffers().clear();
}

// A tensor of ones; of rank 4, channels-last where asked.
TensorView tensor(const Sizes& sizes, bool channels_last = false, DType type = DType::kF32) {
  TensorView view = contiguous_view({}, type, sizes);
  std::vector<float> ones(view.numel(), 1.0f);
  view.buffer = stream().create(view.numel() * size_of(type));
  buffers().push_back(view.buffer);
  if (type == DType::kF32) stream().write(view.buffer, 0, ones.data(), view.numel() * 4);
  if (channels_last) view.strides = {sizes[1] * sizes[2] * sizes[3], 1, sizes[1] * sizes[3], sizes[1]};
  return view;
}

TensorView transposed(TensorView view) {
  std::swap(view.sizes[view.rank - 1], view.sizes[view.rank - 2]);
  std::swap(view.strides[view.rank - 1], view.strides[view.rank - 2]);
  return view;
}

// Seconds of one run, the best of many batches.
double best_time(const std::function<void()>& record) {
  using Clock = std::chrono::steady_clock;
  auto timed = [&](int runs) {
    auto start = Clock::now();
    for (int i = 0; i < runs; ++i) record();
    stream().wait();
    return std::chrono::duration<double>(Clock::now() - start).count() / runs;
  };
  timed(1);
  int runs = std::max(1, static_cast<int>(2e-3 / timed(3)));
  double best = 1e9, spent = 0;
  for (int i = 0; i < 200 && spent < 0.3; ++i) {
    double time = timed(runs);
    best = std::min(best, time);
    spent += time * runs;
  }
  return best;
}

const char* wanted = "";

void report(const std::string& name, double work, const std::function<void()>& record) {
  if (name.find(wanted) == std::string::npos) return;
  double time = best_time(record);
  std::printf("%-44s %10.1f us %8.1f G/s\n", name.c_str(), time * 1e6, work / time / 1e9);
  std::fflush(stdout);
}

void products() {
  struct Case {
    int64_t batch, m, n, k;
  };
  for (Case c : {Case{1, 2048, 2048, 2048},
                 {1, 1024, 1024, 1024},
                 {1, 512, 512, 512},
                 {1, 256, 256, 256},
                 {1, 128, 128, 128},
                 {1, 32, 32, 32},
                 {1, 64, 10, 128},
                 {1, 512, 2304, 768},
                 {64, 256, 256, 64},
                 {64, 256, 64, 256},
                 {1, 4096, 1, 1024},
                 {1, 1, 4096, 1024},
                 {512, 16, 16, 16}})
    for (bool turned : {false, true}) {
      auto sizes = [&](int64_t rows, int64_t columns) {
        return c.batch > 1 ? Sizes{c.batch, rows, columns} : Sizes{rows, columns};
      };
      TensorView a = tensor(sizes(c.m, c.k)),
                 b = turned ? transposed(tensor(sizes(c.n, c.k))) : tensor(sizes(c.k, c.n));
      TensorView out = tensor(sizes(c.m, c.n));
      report(concat("matmul ", c.batch, "x", c.m, "x", c.n, "x", c.k, turned ? " bT" : ""),
             2.0 * c.batch * c.m * c.n * c.k, [=] {
               stream().record(Matmul{a, b, out, {}});
             });
      end_case();
    }
}

void convolutions() {
  struct Case {
    int64_t n, c, size, o;
    int32_t kernel, stride, padding, groups;
  };
  for (Case s : {Case{32, 3, 64, 64, 7, 2, 3, 1},
                 {32, 64, 56, 64, 3, 1, 1, 1},
                 {32, 128, 28, 128, 3, 1, 1, 1},
                 {32, 256, 14, 256, 3, 1, 1, 1},
                 {32, 512, 7, 512, 3, 1, 1, 1},
                 {32, 64, 56, 128, 3, 2, 1, 1},
                 {32, 64, 56, 128, 1, 2, 0, 1},
                 {32, 1, 28, 32, 3, 1, 1, 1},
                 {32, 32, 28, 64, 3, 1, 1, 1},
                 {32, 64, 28, 64, 3, 1, 1, 64}})
    for (bool last : {false, true}) {
      int64_t out_size = (s.size + 2 * s.padding - s.kernel) / s.stride + 1;
      ConvGeometry g{
          {s.stride, s.stride, 1}, {1, 1, 1}, {s.padding, s.padding, 0}, {s.padding, s.padding, 0}, s.groups};
      TensorView input = tensor({s.n, s.c, s.size, s.size}, last),
                 weight = tensor({s.o, s.c / s.groups, s.kernel, s.kernel});
      TensorView output = tensor({s.n, s.o, out_size, out_size}, last),
                 gradient = tensor({s.o, s.c / s.groups, s.kernel, s.kernel});
      TensorView grad_input = tensor({s.n, s.c, s.size, s.size}, last);
      double work = 2.0 * s.n * s.o * out_size * out_size * s.c / s.groups * s.kernel * s.kernel;
      std::string name = concat(s.n, "x", s.c, "x", s.size, " to ", s.o, " k", s.kernel, " s", s.stride,
                                s.groups > 1 ? " depthwise" : "", last ? " last" : "");
      report("conv " + name, work, [=] { stream().record(Conv{input, weight, output, g, {}}); });
      report("conv_grad_input " + name, work, [=] {
        stream().record(ConvGradInput{output, weight, grad_input, g, {}});
      });
      report("conv_grad_weight " + name, work, [=] { stream().record(ConvGradWeight{input, output, gradient, g}); });
      end_case();
    }
}

void pools() {
  struct Case {
    int64_t n, c, size;
    int32_t kernel, stride, padding;
  };
  for (Case s : {Case{32, 64, 112, 3, 2, 1}, {64, 32, 28, 2, 2, 0}})
    for (PoolKind kind : {PoolKind::kMax, PoolKind::kAverage})
      for (bool last : {false, true}) {
        int64_t out_size = (s.size + 2 * s.padding - s.kernel) / s.stride + 1;
        bool max = kind == PoolKind::kMax;
        PoolGeometry g{kind, {s.kernel, s.kernel, 1}, {s.stride, s.stride, 1}, {s.padding, s.padding, 0}};
        TensorView input = tensor({s.n, s.c, s.size, s.size}, last),
                   output = tensor({s.n, s.c, out_size, out_size}, last);
        TensorView indices = max ? tensor({s.n, s.c, out_size, out_size}, last, DType::kI64) : TensorView{};
        std::string name =
            concat(max ? "max " : "average ", s.n, "x", s.c, "x", s.size, " k", s.kernel, last ? " last" : "");
        stream().record(Pool{input, output, indices, g});  // pool_grad needs its indices
        report("pool " + name, static_cast<double>(input.numel()), [=] {
          stream().record(Pool{input, output, indices, g});
        });
        report("pool_grad " + name, static_cast<double>(input.numel()), [=] {
          stream().record(PoolGrad{output, indices, input, g});
        });
        end_case();
      }
}

void attentions() {
  struct Case {
    int64_t b, h, l, d;
    bool causal;
  };
  for (Case s : {Case{8, 8, 256, 64, false}, {8, 8, 256, 64, true}, {2, 12, 1024, 64, true}, {32, 4, 64, 32, false}}) {
    TensorView q = tensor({s.b, s.h, s.l, s.d}), k = tensor({s.b, s.h, s.l, s.d}), v = tensor({s.b, s.h, s.l, s.d});
    TensorView out = tensor({s.b, s.h, s.l, s.d}), log = tensor({s.b, s.h, s.l}), g = tensor({s.b, s.h, s.l, s.d});
    TensorView gq = tensor({s.b, s.h, s.l, s.d}), gk = tensor({s.b, s.h, s.l, s.d}), gv = tensor({s.b, s.h, s.l, s.d});
    AttentionParams params{0.125, s.causal};
    double work = 4.0 * s.b * s.h * s.l * s.l * s.d * (s.causal ? 0.5 : 1.0);
    std::string name = concat("B", s.b, " H", s.h, " L", s.l, " D", s.d, s.causal ? " causal" : "");
    report("attention " + name, work, [=] { stream().record(Attention{q, k, v, {}, out, log, params}); });
    report("attention_grad " + name, 2.5 * work, [=] {
      stream().record(AttentionGrad{g, q, k, v, {}, out, log, gq, gk, gv, params});
    });
    end_case();
  }
}

}  // namespace
}  // namespace lineshaft

int main(int argc, char** argv) {
  if (argc > 1) lineshaft::wanted = argv[1];
  lineshaft::products();
  lineshaft::convolutions();
  lineshaft::pools();
  lineshaft::attentions();
}
