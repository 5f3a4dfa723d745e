// lineshaft bench: what the engine itself costs and gives on a device. Side by side with PyTorch: `make bench`.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>

#include "cli/command.h"
#include "cli/text.h"
#include "lineshaft/device/registry.h"
#include "lineshaft/ops/catalogue.h"
#include "lineshaft/program/expression.h"

namespace lineshaft::cli {
namespace {

double seconds_of(const std::function<void()>& run) {
  auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The best of several, after one that is not counted.
double best_of(int64_t rounds, const std::function<void()>& run) {
  run();
  double best = seconds_of(run);
  for (int64_t i = 1; i < rounds; ++i) best = std::min(best, seconds_of(run));
  return best;
}

TensorView random_tensor(Stream& stream, std::initializer_list<int64_t> sizes) {
  TensorView view = contiguous_view(BufferId{1}, DType::kF32, sizes);
  std::vector<float> values(view.numel());
  uint32_t state = 1;
  for (float& value : values)
    value = static_cast<float>((state = state * 1664525u + 1013904223u) >> 8) / 16777216.0f - 0.5f;
  auto bytes = static_cast<int64_t>(values.size() * sizeof(float));
  view.buffer = stream.create(bytes);
  stream.write(view.buffer, 0, values.data(), bytes);
  return view;
}

ProgramRef add_program() {
  ProgramBuilder p;
  Expr a = p.input(DType::kF32);
  p.output(a + p.input(DType::kF32), DType::kF32);
  return p.finish();
}

// Microseconds to record an operation: what the caller's thread pays.
double record_cost(Stream& stream, int64_t rounds) {
  TensorView views[] = {random_tensor(stream, {64}), random_tensor(stream, {64}), random_tensor(stream, {64})};
  Map add{.program = add_program(), .inputs = {views, 2}, .outputs = {views + 2, 1}};
  constexpr int kOperations = 200;
  double best = 1e9;
  for (int64_t i = 0; i < rounds * 20; ++i) {
    best = std::min(best, seconds_of([&] {
                      for (int k = 0; k < kOperations; ++k) stream.record(add);
                    }));
    stream.wait();
  }
  for (const TensorView& view : views) stream.release(view.buffer);
  return best / kOperations * 1e6;
}

double add_rate(Stream& stream, int64_t rounds) {
  constexpr int64_t kCount = int64_t{1} << 24;
  TensorView views[] = {random_tensor(stream, {kCount}), random_tensor(stream, {kCount}),
                        random_tensor(stream, {kCount})};
  Map add{.program = add_program(), .inputs = {views, 2}, .outputs = {views + 2, 1}};
  double best = best_of(rounds, [&] {
    stream.record(add);
    stream.wait();
  });
  for (const TensorView& view : views) stream.release(view.buffer);
  return 3 * kCount * sizeof(float) / best / 1e9;
}

double matmul_rate(Stream& stream, int64_t rounds, int64_t n) {
  Matmul op{
      .a = random_tensor(stream, {n, n}), .b = random_tensor(stream, {n, n}), .output = random_tensor(stream, {n, n})};
  double best = best_of(rounds, [&] {
    stream.record(op);
    stream.wait();
  });
  for (const TensorView& view : {op.a, op.b, op.output}) stream.release(view.buffer);
  return 2.0 * static_cast<double>(n * n * n) / best / 1e9;
}

double round_trip(Stream& stream, int64_t rounds) {
  TensorView view = random_tensor(stream, {1});
  float value = 0;
  double best = best_of(rounds * 20, [&] { stream.read(view.buffer, 0, &value, sizeof value); });
  stream.release(view.buffer);
  return best * 1e6;
}

std::string figure(double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, value < 10 ? "%.2f %s" : "%.1f %s", value, unit);
  return text;
}

void measure(const DeviceProperties& properties, int64_t rounds) {
  auto open = open_device(properties.id(), StreamOptions::from_environment());
  Stream& stream = open->stream();
  std::cout << properties.id() << ": " << properties.name << "\n"
            << table({{"  record an operation", figure(record_cost(stream, rounds), "us")},
                      {"  read one value", figure(round_trip(stream, rounds), "us")},
                      {"  add, 64 MiB arrays", figure(add_rate(stream, rounds), "GB/s")},
                      {"  matmul 256", figure(matmul_rate(stream, rounds, 256), "GF/s")},
                      {"  matmul 1024", figure(matmul_rate(stream, rounds, 1024), "GF/s")}})
            << std::flush;
}

int run_bench(const Arguments& arguments) {
  int64_t rounds = arguments.number("--rounds", 10);
  auto named = arguments.value("--device");
  auto devices = named ? find_devices(*named, "--device").devices : selected_devices();
  for (const auto& device : devices) measure(device, rounds);
  return kDone;
}

}  // namespace

Command bench_command() {
  return {.name = "bench",
          .summary = "Measure the engine on each device: recording, reading back, memory and matrix speed",
          .positional = "",
          .options = {{"--device", "ID", "only this one, as cpu or vulkan:0"},
                      {"--rounds", "N", "the best of N counts (10)"}},
          .examples =
              "  lineshaft bench\n"
              "  lineshaft bench --device vulkan:0 --rounds 30\n"
              "  make bench            # side by side with PyTorch's CPU kernels\n",
          .run = run_bench};
}

}  // namespace lineshaft::cli
