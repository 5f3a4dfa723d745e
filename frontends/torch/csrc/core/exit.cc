#include "csrc/core/exit.h"

#include <ATen/ops/ones.h>
#include <torch/csrc/autograd/autograd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "csrc/core/devices.h"

namespace lineshaft::torch {
namespace {

std::array<std::atomic<bool>, 64> taken_elsewhere;
std::atomic<bool> any_elsewhere{false};
const std::thread::id loader = std::this_thread::get_id();

// Autograd starts a thread for every device at once; each shows itself once it runs.
void await_threads() {
  using namespace std::chrono_literals;
  auto deadline = std::chrono::steady_clock::now() + 200ms;
  for (int i = 0; i < device_count(); ++i)
    while (!taken_elsewhere[i] && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(1ms);
}

}  // namespace

void note_thread(c10::DeviceIndex device) noexcept {
  if (device < 0 || device >= 64 || std::this_thread::get_id() == loader) return;
  taken_elsewhere[device].store(true, std::memory_order_relaxed);
  any_elsewhere.store(true, std::memory_order_relaxed);
}

void drain_autograd() {
  if (!is_usable() || !any_elsewhere) return;
  await_threads();
  for (int i = 0; i < device_count(); ++i) {
    if (!is_open(i)) continue;
    // A device's thread takes one task after another: when this one is done, it has let go of all that came before.
    at::AutoGradMode enabled(true);
    at::Tensor leaf = at::ones({}, at::TensorOptions().device(c10::Device(kDeviceType, i)));
    leaf.set_requires_grad(true);
    ::torch::autograd::backward({leaf.mul(1)}, {});
  }
}

}  // namespace lineshaft::torch
