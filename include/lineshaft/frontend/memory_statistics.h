// What frameworks tell of a device's memory, beside what its stream keeps: peaks and sums since a reset.
#pragma once

#include <cstdint>

#include "lineshaft/base/export.h"

namespace lineshaft::frontend {

// Of one quantity, in bytes or in allocations.
struct Statistic {
  int64_t current = 0;
  int64_t peak = 0;       // the most since the last reset_peak_statistics, as far as was asked
  int64_t allocated = 0;  // ever, or since the last reset_accumulated_statistics
  int64_t freed = 0;
};

struct DeviceStatistics {
  Statistic allocated_bytes;  // of live buffers, as recorded
  Statistic reserved_bytes;   // held from the system
  Statistic allocations;
};

// All open the device where it is not, and throw what that throws.
LINESHAFT_EXPORT DeviceStatistics memory_statistics(int device);
LINESHAFT_EXPORT void reset_accumulated_statistics(int device);
LINESHAFT_EXPORT void reset_peak_statistics(int device);

// Bytes that are free, of those that the device may take.
struct MemoryInfo {
  int64_t free = 0;
  int64_t total = 0;
};
LINESHAFT_EXPORT MemoryInfo memory_info(int device);

}  // namespace lineshaft::frontend
