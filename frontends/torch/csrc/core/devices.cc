#include "csrc/core/devices.h"

#include <ATen/Context.h>
#include <c10/core/AutogradState.h>
#include <c10/util/Exception.h>

#include "csrc/core/error.h"
#include "csrc/core/interpreter.h"

namespace lineshaft::torch {
namespace {

thread_local c10::DeviceIndex current = 0;

// Autograd hands a backward pass to a thread for each device of an accelerator, so that several are fed at once. Here
// recording never waits for a device, so one thread feeds any number, and handing over takes as long as ten small
// operators: the thread that opens the first device keeps its backward passes.
// torch.autograd.set_multithreading_enabled says otherwise. CUDA's devices, where there are some, go on as they do.
void keep_backward_passes() {
  if (!at::globalContext().hasCUDA()) c10::AutogradState::get_tls_state().set_multithreading_enabled(false);
}

const bool added = [] {
  frontend::add_framework({.before_first_open = &keep_backward_passes, .leave = &leave_interpreter});
  return true;
}();

void require_device_index(c10::DeviceIndex index) {
  TORCH_CHECK(index >= 0, "a lineshaft operator got a tensor on another device; move it with .to(\"lineshaft\")");
  translated([&] { frontend::require_device_number(index); });
}

}  // namespace

int require_devices() {
  return translated([] { return frontend::require_devices(); });
}

void require_number(c10::DeviceIndex index) {
  if (index != 0) require_device_index(index);
}

Stream& open_stream(c10::DeviceIndex index) {
  require_device_index(index);
  return translated([&]() -> Stream& { return frontend::open_stream(index); });
}

const DeviceProperties& properties(c10::DeviceIndex index) {
  require_device_index(index);
  return translated([&]() -> const DeviceProperties& { return frontend::properties(index); });
}

void reconnect(c10::DeviceIndex index) {
  translated([&] { frontend::reconnect(index); });
}

c10::DeviceIndex current_device() noexcept {
  return current;
}

void set_current_device(c10::DeviceIndex index) {
  require_device_index(index);
  current = index;
}

c10::DeviceIndex exchange_device(c10::DeviceIndex index) noexcept {
  c10::DeviceIndex previous = current;
  if (index >= 0) current = index;
  return previous;
}

}  // namespace lineshaft::torch
