#include "csrc/core/memory_statistics.h"

#include "csrc/core/error.h"
#include <lineshaft/frontend/memory_statistics.h>

namespace lineshaft::torch {
namespace {

void set(c10::CachingAllocator::StatArray& array, const frontend::Statistic& from) {
  auto& stat = array[static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE)];
  stat.current = from.current;
  stat.peak = from.peak;
  stat.allocated = from.allocated;
  stat.freed = from.freed;
}

}  // namespace

c10::CachingDeviceAllocator::DeviceStats memory_statistics(c10::DeviceIndex device) {
  frontend::DeviceStatistics memory = translated([&] { return frontend::memory_statistics(device); });
  c10::CachingDeviceAllocator::DeviceStats stats;
  for (auto* bytes : {&stats.allocated_bytes, &stats.active_bytes, &stats.requested_bytes})
    set(*bytes, memory.allocated_bytes);
  set(stats.reserved_bytes, memory.reserved_bytes);
  for (auto* count : {&stats.allocation, &stats.active}) set(*count, memory.allocations);
  return stats;
}

void reset_accumulated_statistics(c10::DeviceIndex device) {
  translated([&] { frontend::reset_accumulated_statistics(device); });
}

void reset_peak_statistics(c10::DeviceIndex device) {
  translated([&] { frontend::reset_peak_statistics(device); });
}

std::pair<size_t, size_t> memory_info(c10::DeviceIndex device) {
  frontend::MemoryInfo memory = translated([&] { return frontend::memory_info(device); });
  return {static_cast<size_t>(memory.free), static_cast<size_t>(memory.total)};
}

}  // namespace lineshaft::torch
