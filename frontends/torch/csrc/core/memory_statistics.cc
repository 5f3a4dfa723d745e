#include "csrc/core/memory_statistics.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "csrc/core/devices.h"
#include "csrc/core/error.h"

namespace lineshaft::torch {
namespace {

using c10::CachingAllocator::Stat;
using c10::CachingAllocator::StatArray;

// What the stream does not keep: peaks of what it tells only now, and where "accumulated" begins.
struct Base {
  int64_t total = 0;
  int64_t peak_reserved = 0;
  int64_t peak_allocations = 0;
};
std::mutex mutex;
std::array<Base, 128> bases;

void set(StatArray& array, int64_t current, int64_t peak, int64_t allocated) {
  Stat& stat = array[static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE)];
  stat.current = current;
  stat.peak = std::max(peak, current);
  stat.allocated = allocated;
  stat.freed = std::max<int64_t>(0, allocated - current);
}

MemoryStatistics now(c10::DeviceIndex device) {
  return translated([&] { return stream(device).statistics(); });
}

}  // namespace

c10::CachingDeviceAllocator::DeviceStats memory_statistics(c10::DeviceIndex device) {
  MemoryStatistics memory = now(device);
  std::lock_guard lock(mutex);
  Base& base = bases[device];
  base.peak_reserved = std::max(base.peak_reserved, memory.reserved);
  base.peak_allocations = std::max(base.peak_allocations, memory.allocations);
  c10::CachingDeviceAllocator::DeviceStats stats;
  int64_t ever = memory.total_allocated - base.total;
  set(stats.allocated_bytes, memory.allocated, memory.peak_allocated, ever);
  set(stats.active_bytes, memory.allocated, memory.peak_allocated, ever);
  set(stats.requested_bytes, memory.allocated, memory.peak_allocated, ever);
  set(stats.reserved_bytes, memory.reserved, base.peak_reserved, memory.reserved);
  set(stats.allocation, memory.allocations, base.peak_allocations, memory.allocations);
  set(stats.active, memory.allocations, base.peak_allocations, memory.allocations);
  return stats;
}

void reset_accumulated_statistics(c10::DeviceIndex device) {
  MemoryStatistics memory = now(device);
  std::lock_guard lock(mutex);
  bases[device].total = memory.total_allocated - memory.allocated;
}

void reset_peak_statistics(c10::DeviceIndex device) {
  translated([&] { stream(device).reset_peak(); });
  MemoryStatistics memory = now(device);
  std::lock_guard lock(mutex);
  bases[device].peak_reserved = memory.reserved;
  bases[device].peak_allocations = memory.allocations;
}

std::pair<size_t, size_t> memory_info(c10::DeviceIndex device) {
  MemoryStatistics memory = now(device);
  int64_t used = std::max(memory.allocated, memory.reserved);
  return {static_cast<size_t>(std::max<int64_t>(0, memory.limit - used)), static_cast<size_t>(memory.budget)};
}

}  // namespace lineshaft::torch
