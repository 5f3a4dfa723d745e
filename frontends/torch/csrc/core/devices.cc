#include "csrc/core/devices.h"

#include <ATen/Context.h>
#include <c10/core/AutogradState.h>
#include <c10/util/Exception.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "csrc/core/error.h"
#include "csrc/core/interpreter.h"

namespace lineshaft::torch {

namespace devices_detail {
std::array<std::atomic<Stream*>, kDeviceNumbers> streams;
std::atomic<bool> forked{false}, ended{false};
}  // namespace devices_detail

using namespace devices_detail;

namespace {

constexpr int kMaxDevices = 64;
std::atomic<bool> any_open{false};
thread_local c10::DeviceIndex current = 0;
const std::thread::id loader = std::this_thread::get_id();

std::atomic<int> counted{-1};        // devices; -1: not looked for yet, or what was named is not there
std::atomic<bool> told_none{false};  // PyTorch was told that there are 0 of them, as what was named is not there

// Throws what keeps the process from having the devices that were named.
int count_or_throw() {
  int count = counted.load(std::memory_order_relaxed);
  if (count >= 0) [[likely]]
    return count;
  count = translated([] { return std::min<int>(static_cast<int>(selected_devices().size()), kMaxDevices); });
  counted = count;
  return count;
}

void require_index(c10::DeviceIndex index) {
  TORCH_CHECK(index >= 0, "a lineshaft operator got a tensor on another device; move it with .to(\"lineshaft\")");
  int count = count_or_throw();
  TORCH_CHECK(index < count, "lineshaft:", int{index}, " is not there; there ", count == 1 ? "is " : "are ", count,
              count == 1 ? " device" : " devices", ", numbered from 0. `lineshaft devices` shows them");
}

// Autograd starts its threads once, one for each device that there was then.
void look_again() {
  if (counted >= 0) return;
  translated([] { find_selected_devices_again(); });
  TORCH_CHECK(!told_none,
              "the devices are there by now, but PyTorch started without them in this process; start the "
              "program again");
}

// A thread that goes on while the interpreter ends must not come back to it: taking the GIL then aborts the process. So
// it stays here, as CPython itself keeps such threads from 3.14 on, without the GIL, which some of PyTorch's calls
// keep. Returns to the thread that loaded the extension, which is the one that ends the interpreter.
void stay_at_end() noexcept {
  if (std::this_thread::get_id() == loader) return;
  leave_interpreter();
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

// Autograd hands a backward pass to a thread for each device of an accelerator, so that several are fed at once. Here
// recording never waits for a device, so one thread feeds any number, and handing over takes as long as ten small
// operators: the thread that opens the first device keeps its backward passes.
// torch.autograd.set_multithreading_enabled says otherwise. CUDA's devices, where there are some, go on as they do.
void keep_backward_passes() {
  if (!any_open && !at::globalContext().hasCUDA())
    c10::AutogradState::get_tls_state().set_multithreading_enabled(false);
}

}  // namespace

Stream& devices_detail::open_stream(c10::DeviceIndex index) {
  require_index(index);
  TORCH_CHECK(
      !forked,
      "a lineshaft device was opened before this process was forked and cannot be used in the child; start it with "
      "torch.multiprocessing.set_start_method(\"spawn\")");
  if (ended) stay_at_end();
  TORCH_CHECK(!ended, "the process is ending; its lineshaft devices are closed");
  static std::once_flag once;
  std::call_once(once, [] { pthread_atfork(nullptr, nullptr, [] { forked = any_open.load(); }); });
  keep_backward_passes();
  any_open = true;
  Stream& opened = translated([&]() -> Stream& { return open_device(index).stream(); });
  streams[index] = &opened;
  return opened;
}

namespace {

// Until all that is recorded has run. The text of the first error, or nothing.
std::string await_devices() {
  std::string problem;
  for (auto& slot : streams) {
    Stream* opened = slot.load();
    if (!opened) continue;
    try {
      opened->wait();
    } catch (const std::exception& error) {
      if (problem.empty()) problem = error.what();
    }
  }
  return problem;
}

// Whether a thread of this process other than this one is running or could.
bool others_run() {
  std::error_code error;
  auto own = std::to_string(gettid());
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
    if (task.path().filename() == own) continue;
    std::ifstream file(task.path() / "stat");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    size_t name_end = text.rfind(')');  // "12 (name) S 1 ..."
    if (name_end != std::string::npos && text.find_first_of("RD", name_end) == name_end + 2) return true;
  }
  return false;
}

// Operators that other threads have begun come to their end: these threads take the GIL and go on to their next
// operator, where they stay. A thread that took the GIL later would abort the process, so they are waited for until all
// of them sleep; not for long, as a thread may compute something of its own.
void await_other_threads() {
  using namespace std::chrono_literals;
  auto deadline = std::chrono::steady_clock::now() + 5s;
  for (int quiet = 0; quiet < 5 && std::chrono::steady_clock::now() < deadline; quiet = others_run() ? 0 : quiet + 1)
    std::this_thread::sleep_for(10ms);
}

}  // namespace

int device_count() noexcept try { return count_or_throw(); } catch (const std::exception&) {
  told_none = true;
  return 0;
}

void require_number(c10::DeviceIndex index) {
  if (index != 0) require_index(index);
}

int require_devices() {
  return count_or_throw();
}

bool is_available() noexcept try { return count_or_throw() > 0; } catch (const std::exception&) {
  return true;
}

const DeviceProperties& properties(c10::DeviceIndex index) {
  if (ended) stay_at_end();
  require_index(index);
  return selected_devices()[index];
}

bool is_open(c10::DeviceIndex index) noexcept {
  if (ended) stay_at_end();
  return is_usable() && streams[index] != nullptr;
}

bool is_initialized() noexcept {
  return std::ranges::any_of(streams, [](const auto& slot) { return slot != nullptr; });
}

void reconnect(c10::DeviceIndex index) {
  look_again();
  open_stream(index);
  Stream& fresh = translated([&]() -> Stream& { return reopen_device(index).stream(); });
  streams[index].store(&fresh, std::memory_order_release);
}

c10::DeviceIndex current_device() noexcept {
  return current;
}

void set_current_device(c10::DeviceIndex index) {
  require_index(index);
  current = index;
}

c10::DeviceIndex exchange_device(c10::DeviceIndex index) noexcept {
  c10::DeviceIndex previous = current;
  if (index >= 0) current = index;
  return previous;
}

bool is_forked() noexcept {
  return forked.load(std::memory_order_relaxed);
}

std::string shut_down(bool close) {
  if (!is_usable()) return {};
  std::string problem = await_devices();
  ended = true;
  if (close) {
    close_all_devices();
  } else {
    await_devices();  // threads that slept until a stream had room for more go on to their next operator
    await_other_threads();
  }
  return problem;
}

}  // namespace lineshaft::torch
