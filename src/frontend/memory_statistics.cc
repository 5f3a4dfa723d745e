#include "lineshaft/frontend/memory_statistics.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "lineshaft/frontend/devices.h"

namespace lineshaft::frontend {
namespace {

// What the stream does not keep: peaks of what it tells only now, and where "accumulated" begins.
struct Base {
  int64_t total = 0;
  int64_t peak_reserved = 0;
  int64_t peak_allocations = 0;
};

std::mutex mutex;
std::array<Base, kDeviceNumbers> bases;

Statistic statistic(int64_t current, int64_t peak, int64_t allocated) {
  return {current, std::max(peak, current), allocated, std::max<int64_t>(0, allocated - current)};
}

}  // namespace

DeviceStatistics memory_statistics(int device) {
  MemoryStatistics memory = stream(device).statistics();
  std::lock_guard lock(mutex);
  Base& base = bases[device];
  base.peak_reserved = std::max(base.peak_reserved, memory.reserved);
  base.peak_allocations = std::max(base.peak_allocations, memory.allocations);
  return {.allocated_bytes = statistic(memory.allocated, memory.peak_allocated, memory.total_allocated - base.total),
          .reserved_bytes = statistic(memory.reserved, base.peak_reserved, memory.reserved),
          .allocations = statistic(memory.allocations, base.peak_allocations, memory.allocations)};
}

void reset_accumulated_statistics(int device) {
  MemoryStatistics memory = stream(device).statistics();
  std::lock_guard lock(mutex);
  bases[device].total = memory.total_allocated - memory.allocated;
}

void reset_peak_statistics(int device) {
  Stream& opened = stream(device);
  opened.reset_peak();
  MemoryStatistics memory = opened.statistics();
  std::lock_guard lock(mutex);
  bases[device].peak_reserved = memory.reserved;
  bases[device].peak_allocations = memory.allocations;
}

MemoryInfo memory_info(int device) {
  MemoryStatistics memory = stream(device).statistics();
  int64_t used = std::max(memory.allocated, memory.reserved);
  return {std::max<int64_t>(0, memory.limit - used), memory.budget};
}

}  // namespace lineshaft::frontend
