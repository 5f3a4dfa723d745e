// Device memory as frameworks see it: a pointer is an address in a reserved range that nothing maps, one interval for
// each allocation, so that pointer arithmetic works and a stray access by the host faults at once.
#pragma once

#include <cstddef>

#include "lineshaft/base/export.h"
#include "lineshaft/frontend/devices.h"

namespace lineshaft::frontend {

struct Allocation {
  BufferId buffer;
  Stream* stream = nullptr;      // of the device, as it was opened then
  std::byte* address = nullptr;  // fixed for the life of the process; reused with the interval
  int64_t interval = 0;          // bytes of addresses
  int64_t size = 0;              // bytes of memory
  int device = 0;
  Allocation* next_free = nullptr;
};

// Memory of `bytes`, 1 or more, on a device. The caller owns it and gives it to release(). Throws
// Error(kOutOfMemory), and what opening the device throws.
LINESHAFT_EXPORT Allocation* allocate(int device, int64_t bytes);
// The memory is reused after everything that is recorded by now. Nothing after shut_down() and in a forked child.
LINESHAFT_EXPORT void release(Allocation* allocation) noexcept;

// The allocation in whose interval an address lies; throws where there is none.
LINESHAFT_EXPORT Allocation* find_allocation(const void* address);

// Whether its device was not opened anew since: what it held is there.
inline bool is_connected(const Allocation& allocation) noexcept {
  return allocation.stream == stream_if_open(allocation.device);
}

// A small buffer of the device that stands for the memory of tensors without elements, so that their views are present.
LINESHAFT_EXPORT BufferId placeholder(int device);

}  // namespace lineshaft::frontend
