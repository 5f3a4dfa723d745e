// The devices of this process and their streams, which all frameworks in it share. A device is opened at its first use,
// refused in a forked child, opened again where a server was lost, and closed before the process ends. `lineshaft:0` is
// device number 0.
//
// Any thread may call the functions.
#pragma once

#include <array>
#include <atomic>
#include <string>

#include "lineshaft/base/export.h"
#include "lineshaft/device/registry.h"

namespace lineshaft::frontend {

inline constexpr int kDeviceNumbers = 128;  // a framework's device numbers are below this
inline constexpr int kMaxDevices = 64;      // the most devices that are used; others are ignored

// Callbacks of a framework for the first opening of a device and the end of the process. A null callback is not called.
struct Framework {
  // Called by the thread that opens the first device, before it opens it.
  void (*before_first_open)() = nullptr;
  // Called by a thread that uses a device after shut_down(), before that thread sleeps forever. It must release locks
  // for which the end of the process waits, such as the lock of an interpreter.
  void (*leave)() noexcept = nullptr;
};
// Adds the callbacks of a framework. Called when the framework's library is loaded, by the thread that will end the
// process: where that thread uses a device after shut_down(), it gets an error and does not sleep.
LINESHAFT_EXPORT void add_framework(const Framework& framework);

// Where something that the user named is not usable, such as a server that does not answer, the first use of a device
// throws an error; no other device takes its place. In that case the next three functions behave as their comments say.
LINESHAFT_EXPORT int device_count() noexcept;  // returns 0, so that the framework can still compute on the host
LINESHAFT_EXPORT int require_devices();        // the number of devices; throws the error
// Returns true: a caller that asks whether to use a device then uses it and gets the error.
LINESHAFT_EXPORT bool is_available() noexcept;

// Throws Error(kInvalidArgument) for a number that no device has.
LINESHAFT_EXPORT void require_device_number(int index);

namespace devices_detail {
LINESHAFT_EXPORT extern std::array<std::atomic<Stream*>, kDeviceNumbers> streams;  // of the devices that are open
LINESHAFT_EXPORT extern std::atomic<bool> forked, ended;
}  // namespace devices_detail

// True until shut_down(). Afterwards and in a forked child, releases are ignored.
inline bool is_usable() noexcept {
  using namespace devices_detail;
  return !forked.load(std::memory_order_relaxed) && !ended.load(std::memory_order_relaxed);
}

// The stream of a device that is open and usable, else null.
inline Stream* stream_if_open(int index) noexcept {
  bool known = static_cast<unsigned>(index) < kDeviceNumbers && is_usable();
  return known ? devices_detail::streams[index].load(std::memory_order_acquire) : nullptr;
}

// The stream of the device, which is opened if necessary. Throws Error for a number that no device has, in a forked
// child, and in the thread that ends the process after shut_down(). The stream exists at least until shut_down().
LINESHAFT_EXPORT Stream& open_stream(int index);
inline Stream& stream(int index) {
  Stream* opened = stream_if_open(index);
  return opened ? *opened : open_stream(index);
}

LINESHAFT_EXPORT const DeviceProperties& properties(int index);
LINESHAFT_EXPORT bool is_open(int index) noexcept;
LINESHAFT_EXPORT bool is_initialized() noexcept;  // whether any device has been opened

// Opens the device again. Its memory is lost; its old stream still exists, so that old allocations can be released.
// Throws Error where the device cannot be opened.
LINESHAFT_EXPORT void reconnect(int index);

// True in a child made by fork() after a device was opened: devices have threads, which do not survive a fork.
LINESHAFT_EXPORT bool is_forked() noexcept;

// Call it once, when the process is about to end: waits for all work and then, if `close` is true, closes the devices.
// Afterwards a thread that uses a device never returns, except the thread that called add_framework, which gets an
// error. Returns the text of a deferred error that no wait has thrown, or an empty text.
LINESHAFT_EXPORT std::string shut_down(bool close);

}  // namespace lineshaft::frontend
