// The devices of this process as PyTorch sees them: `lineshaft:0` is number 0. What is the same for every framework is
// in frontend/devices.h; what is here throws PyTorch's errors.
#pragma once

#include <c10/core/Device.h>

#include "csrc/core/namespace.h"
#include <lineshaft/frontend/devices.h>
#include <lineshaft/lineshaft.h>

namespace lineshaft::torch {

using frontend::device_count;
using frontend::is_available;
using frontend::is_forked;
using frontend::is_initialized;
using frontend::is_open;
using frontend::is_usable;
using frontend::kDeviceNumbers;
using frontend::shut_down;

inline constexpr auto kDeviceType = c10::DeviceType::PrivateUse1;

int require_devices();
// Throws for a number that is not there. Number 0 is taken where nothing is known yet: who waits for it has not used
// it.
void require_number(c10::DeviceIndex index);

// Opens the device at first use. Throws for a number that is not there, in a forked child, and in a process that is
// ending.
Stream& open_stream(c10::DeviceIndex index);
inline Stream& stream(c10::DeviceIndex index) {
  Stream* opened = frontend::stream_if_open(index);
  return opened ? *opened : open_stream(index);
}
const DeviceProperties& properties(c10::DeviceIndex index);
// Opens the device anew; tensors that it had are lost, and using one says so.
void reconnect(c10::DeviceIndex index);

// The thread's current device.
c10::DeviceIndex current_device() noexcept;
void set_current_device(c10::DeviceIndex index);                    // checks the number
c10::DeviceIndex exchange_device(c10::DeviceIndex index) noexcept;  // negative: leaves it; returns the previous one
inline c10::DeviceIndex index_or_current(c10::DeviceIndex index) {
  return index < 0 ? current_device() : index;
}

}  // namespace lineshaft::torch
