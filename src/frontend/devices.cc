#include "lineshaft/frontend/devices.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "platform/process.h"

namespace lineshaft::frontend {

namespace devices_detail {
std::array<std::atomic<Stream*>, kDeviceNumbers> streams;
std::atomic<bool> forked{false}, ended{false};
}  // namespace devices_detail

using namespace devices_detail;

namespace {

std::atomic<bool> any_open{false};
std::atomic<int> counted{-1};        // devices; -1: not looked for yet, or what was named is not there
std::atomic<bool> told_none{false};  // a framework was told that there are 0 of them, as what was named is not there

struct Frameworks {
  std::mutex mutex;
  std::vector<Framework> all;
  std::thread::id ends_process = std::this_thread::get_id();
};

Frameworks& frameworks() {
  static auto* made = new Frameworks;
  return *made;
}

template <class F>
void for_each_framework(F&& f) {
  std::vector<Framework> all;
  {
    std::lock_guard lock(frameworks().mutex);
    all = frameworks().all;
  }
  for (const Framework& each : all) f(each);
}

// A framework that starts threads for each device starts them once, for those that there were then.
void look_again() {
  if (counted >= 0) return;
  find_selected_devices_again();
  LS_REQUIRE(!told_none,
             "the devices are there by now, but the framework started without them in this process; start the program "
             "again");
}

// A thread that goes on while the process ends must not come back to a framework that is being taken down: taking
// Python's lock then aborts the process. So it stays here, as CPython itself keeps such threads from 3.14 on. Returns
// to the thread that ends the process.
void stay_at_end() noexcept {
  if (std::this_thread::get_id() == frameworks().ends_process) return;
  for_each_framework([](const Framework& each) {
    if (each.leave) each.leave();
  });
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

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

// Operators that other threads have begun come to their end: these threads take their framework's locks and go on to
// their next operator, where they stay. A thread that took Python's lock later would abort the process, so they are
// waited for until all of them sleep; not for long, as a thread may compute something of its own.
void await_other_threads() {
  using namespace std::chrono_literals;
  auto deadline = std::chrono::steady_clock::now() + 5s;
  for (int quiet = 0; quiet < 5 && std::chrono::steady_clock::now() < deadline;
       quiet = other_threads_run() ? 0 : quiet + 1)
    std::this_thread::sleep_for(10ms);
}

}  // namespace

void add_framework(const Framework& framework) {
  Frameworks& all = frameworks();
  std::lock_guard lock(all.mutex);
  all.all.push_back(framework);
}

int require_devices() {
  int count = counted.load(std::memory_order_relaxed);
  if (count >= 0) [[likely]]
    return count;
  count = std::min<int>(static_cast<int>(selected_devices().size()), kMaxDevices);
  counted = count;
  return count;
}

int device_count() noexcept try { return require_devices(); } catch (const std::exception&) {
  told_none = true;
  return 0;
}

bool is_available() noexcept try { return require_devices() > 0; } catch (const std::exception&) {
  return true;
}

void require_device_number(int index) {
  int count = require_devices();
  LS_REQUIRE(index >= 0 && index < count, "lineshaft:", index, " is not there; there ", count == 1 ? "is " : "are ",
             count, count == 1 ? " device" : " devices", ", numbered from 0. `lineshaft devices` shows them");
}

Stream& open_stream(int index) {
  require_device_number(index);
  LS_REQUIRE(!forked,
             "a lineshaft device was opened before this process was forked and cannot be used in the child; start the "
             "child with multiprocessing.set_start_method(\"spawn\")");
  if (ended) stay_at_end();
  LS_REQUIRE(!ended, "the process is ending; its lineshaft devices are closed");
  static std::once_flag once;
  std::call_once(once, [] { at_fork_in_child([] { forked = any_open.load(); }); });
  if (!any_open)
    for_each_framework([](const Framework& each) {
      if (each.before_first_open) each.before_first_open();
    });
  any_open = true;
  Stream& opened = open_device(index).stream();
  streams[index] = &opened;
  return opened;
}

const DeviceProperties& properties(int index) {
  if (ended) stay_at_end();
  require_device_number(index);
  return selected_devices()[index];
}

bool is_open(int index) noexcept {
  if (ended) stay_at_end();
  return stream_if_open(index) != nullptr;
}

bool is_initialized() noexcept {
  return std::ranges::any_of(streams, [](const auto& slot) { return slot != nullptr; });
}

void reconnect(int index) {
  look_again();
  open_stream(index);
  streams[index].store(&reopen_device(index).stream(), std::memory_order_release);
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

}  // namespace lineshaft::frontend
