// What torch.accelerator.memory_*() shows.
#pragma once

#include <c10/core/CachingDeviceAllocator.h>

#include <utility>

namespace lineshaft::torch {

c10::CachingDeviceAllocator::DeviceStats memory_statistics(c10::DeviceIndex device);
void reset_accumulated_statistics(c10::DeviceIndex device);
void reset_peak_statistics(c10::DeviceIndex device);
std::pair<size_t, size_t> memory_info(c10::DeviceIndex device);  // free, total

}  // namespace lineshaft::torch
