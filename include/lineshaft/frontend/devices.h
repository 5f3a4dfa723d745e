// The devices of this process and their streams, as every framework in it uses them: opened at first use, refused in a
// forked child, opened anew where a server was lost, ended before the process ends. `lineshaft:0` is number 0.
//
// Any thread may call anything here. Errors are lineshaft::Error.
#pragma once

#include <array>
#include <atomic>
#include <string>

#include "lineshaft/base/export.h"
#include "lineshaft/device/registry.h"

namespace lineshaft::frontend {

inline constexpr int kDeviceNumbers = 128;  // that a framework can say
inline constexpr int kMaxDevices = 64;      // that are used; more are left out

// What a framework adds to how devices begin and end. A null does nothing.
struct Framework {
  // Called by the thread that opens the first device, before it is open.
  void (*before_first_open)() = nullptr;
  // Called by a thread that uses a device after shut_down(), before it sleeps for ever. It lets go of locks that the
  // end of the process waits for, such as an interpreter's.
  void (*leave)() noexcept = nullptr;
};
// Adds one, from the thread that ends the process: what is left to that thread, it does not leave at the end, but gets
// an error. Called when the framework's library is loaded.
LINESHAFT_EXPORT void add_framework(const Framework& framework);

// What the user names and cannot be had, such as a server that does not answer, is an error at the first use of a
// device, and never another device. Until then these hold:
LINESHAFT_EXPORT int device_count() noexcept;  // 0, for a framework's own code: computing on the host goes on
LINESHAFT_EXPORT int require_devices();        // the number of devices; throws that error
// True: who asks whether to use the device goes on to use it, and gets that error.
LINESHAFT_EXPORT bool is_available() noexcept;

// Throws for a number that is not there.
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

// Opens the device where it is not. Throws for a number that is not there, in a forked child, and in a process that is
// ending.
LINESHAFT_EXPORT Stream& open_stream(int index);
inline Stream& stream(int index) {
  Stream* opened = stream_if_open(index);
  return opened ? *opened : open_stream(index);
}

LINESHAFT_EXPORT const DeviceProperties& properties(int index);
LINESHAFT_EXPORT bool is_open(int index) noexcept;
LINESHAFT_EXPORT bool is_initialized() noexcept;  // a device has been opened

// Opens the device anew. What it held is lost; its old stream stays, so that what is left can be released.
LINESHAFT_EXPORT void reconnect(int index);

// True in a child made by fork() after a device was opened: devices have threads, which do not survive a fork.
LINESHAFT_EXPORT bool is_forked() noexcept;

// Called once, when the process is about to end: waits for all work, then, if `close`, ends the devices. Afterwards a
// thread that uses a device never returns, but for the one that called add_framework, which gets an error. Returns the
// text of an error that nobody has waited for, or nothing.
LINESHAFT_EXPORT std::string shut_down(bool close);

}  // namespace lineshaft::frontend
