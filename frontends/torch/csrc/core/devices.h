// The devices of this process as PyTorch sees them: `lineshaft:0` is number 0.
#pragma once

#include <c10/core/Device.h>
#include <lineshaft/lineshaft.h>

namespace lineshaft::frontend {

inline constexpr auto kDeviceType = c10::DeviceType::PrivateUse1;

// 0 when LINESHAFT_DEVICES names what is not there; using a device then says so.
int device_count() noexcept;

// Opens the device at first use. Throws c10 errors: a number that is not there, a forked child, a process that is
// ending.
Stream& stream(c10::DeviceIndex index);
const DeviceProperties& properties(c10::DeviceIndex index);
bool is_open(c10::DeviceIndex index) noexcept;
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

// True until shut_down(). Afterwards and in a forked child, releases are ignored.
bool is_usable() noexcept;

// Called once, when the interpreter is about to end: waits for all work, then, if `close`, ends the devices. Afterwards
// a thread that uses a device never returns, but for the one that loaded the extension, which gets an error. Returns
// the text of an error that nobody has waited for, or nothing.
std::string shut_down(bool close);

}  // namespace lineshaft::frontend
