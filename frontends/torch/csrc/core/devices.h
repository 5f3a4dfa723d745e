// The devices of this process as PyTorch sees them: `lineshaft:0` is number 0.
#pragma once

#include <c10/core/Device.h>
#include <lineshaft/lineshaft.h>

#include <array>
#include <atomic>

#include "csrc/core/namespace.h"

namespace lineshaft::torch {

inline constexpr auto kDeviceType = c10::DeviceType::PrivateUse1;

inline constexpr int kDeviceNumbers = 128;  // that PyTorch can say

// What the user names and cannot be had, such as a server that does not answer, is an error at the first use of a
// device, and never another device. Until then these hold:
int device_count() noexcept;   // 0, for PyTorch's own code: computing on the CPU goes on
int require_devices();         // the number of devices; throws that error
bool is_available() noexcept;  // true: who asks whether to use the device goes on to use it, and gets that error

// Throws for a number that is not there. Number 0 is taken where nothing is known yet: who waits for it has not used
// it.
void require_number(c10::DeviceIndex index);

namespace devices_detail {
extern std::array<std::atomic<Stream*>, kDeviceNumbers> streams;  // of the devices that are open
extern std::atomic<bool> forked, ended;
Stream& open_stream(c10::DeviceIndex index);
}  // namespace devices_detail

// True until shut_down(). Afterwards and in a forked child, releases are ignored.
inline bool is_usable() noexcept {
  using namespace devices_detail;
  return !forked.load(std::memory_order_relaxed) && !ended.load(std::memory_order_relaxed);
}

// Opens the device at first use. Throws c10 errors: a number that is not there, a forked child, a process that is
// ending.
inline Stream& stream(c10::DeviceIndex index) {
  if (index >= 0 && is_usable()) [[likely]] {
    if (Stream* opened = devices_detail::streams[index].load(std::memory_order_acquire)) return *opened;
  }
  return devices_detail::open_stream(index);
}
const DeviceProperties& properties(c10::DeviceIndex index);
bool is_open(c10::DeviceIndex index) noexcept;
bool is_initialized() noexcept;  // a device has been opened
// Opens the device anew; tensors that it had are lost, and using one says so.
void reconnect(c10::DeviceIndex index);

// The thread's current device.
c10::DeviceIndex current_device() noexcept;
void set_current_device(c10::DeviceIndex index);                    // checks the number
c10::DeviceIndex exchange_device(c10::DeviceIndex index) noexcept;  // negative: leaves it; returns the previous one
inline c10::DeviceIndex index_or_current(c10::DeviceIndex index) {
  return index < 0 ? current_device() : index;
}

// True in a child made by fork() after a device was opened: devices have threads, which do not survive a fork.
bool is_forked() noexcept;

// Called once, when the interpreter is about to end: waits for all work, then, if `close`, ends the devices. Afterwards
// a thread that uses a device never returns, but for the one that loaded the extension, which gets an error. Returns
// the text of an error that nobody has waited for, or nothing.
std::string shut_down(bool close);

}  // namespace lineshaft::torch
