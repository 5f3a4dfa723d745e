// The memory statistics that frameworks report for a device (torch.cuda.memory_stats): current values, peaks and sums.
#pragma once

#include <cstdint>

#include "lineshaft/base/export.h"

namespace lineshaft::frontend {

// The statistics of one quantity, in bytes or in number of allocations.
struct Statistic {
  int64_t current = 0;
  // The most since the last reset_peak_statistics. Reserved bytes and allocations are sampled only when
  // memory_statistics is called.
  int64_t peak = 0;
  // The sum since the start or the last reset_accumulated_statistics; counted for allocated_bytes only, else `current`.
  int64_t allocated = 0;
  int64_t freed = 0;
};

struct DeviceStatistics {
  Statistic allocated_bytes;  // of live buffers, as they are recorded
  Statistic reserved_bytes;   // that the device has allocated from the system
  Statistic allocations;
};

// All functions open the device if necessary, and throw what that throws. Any thread may call them.
LINESHAFT_EXPORT DeviceStatistics memory_statistics(int device);
LINESHAFT_EXPORT void reset_accumulated_statistics(int device);
LINESHAFT_EXPORT void reset_peak_statistics(int device);

// Bytes that the device may allocate, and how many of them are free.
struct MemoryInfo {
  int64_t free = 0;
  int64_t total = 0;
};
LINESHAFT_EXPORT MemoryInfo memory_info(int device);

}  // namespace lineshaft::frontend
