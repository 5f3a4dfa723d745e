// Device memory as frameworks see it, by pointers. Each allocation has an interval of addresses of its own in a
// reserved range of virtual memory that is not mapped: pointer arithmetic works, and a wrong access by the host faults
// at once. Any thread may call the functions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lineshaft/base/export.h"
#include "lineshaft/frontend/devices.h"

namespace lineshaft::frontend {

struct Allocation {
  BufferId buffer;
  Stream* stream = nullptr;      // the stream of the device when the memory was allocated
  std::byte* address = nullptr;  // of the interval, which stays this structure's: both are reused together
  int64_t interval = 0;          // bytes of the interval
  int64_t size = 0;              // bytes of memory
  int device = 0;
  Allocation* next_free = nullptr;
};

// Allocates `bytes`, at least 1, on a device, which it opens if necessary. The caller owns the result and calls
// release(). Throws Error(kOutOfMemory), and what opening the device throws.
LINESHAFT_EXPORT Allocation* allocate(int device, int64_t bytes);
// Releases an allocation: its memory is reused after everything that has been recorded. Does nothing after shut_down()
// and in a forked child.
LINESHAFT_EXPORT void release(Allocation* allocation) noexcept;

// The allocation in whose interval the address lies. Throws Error(kInvalidArgument) where there is none.
LINESHAFT_EXPORT Allocation* find_allocation(const void* address);

// Whether the memory still exists: the device has not been reconnected since the allocation.
inline bool is_connected(const Allocation& allocation) noexcept {
  return allocation.stream == stream_if_open(allocation.device);
}

// Bytes by their addresses. On the device's side a range lies in one allocation; throws Error(kInvalidArgument) for
// addresses that are not memory of a device and for ranges that pass the end of their allocation, and
// Error(kDeviceLost) where the device was opened anew since. Nothing happens for 0 bytes.
//
// Records a copy within one device; throws Error(kInvalidArgument) where the ranges are on two, or overlap in part.
LINESHAFT_EXPORT void copy_bytes(void* to, const void* from, int64_t bytes);
// From the host, in the order of recording: `source` may be reused at once.
LINESHAFT_EXPORT void write_bytes(void* to, const void* source, int64_t bytes);
// To the host. Waits for all that is recorded before.
LINESHAFT_EXPORT void read_bytes(void* destination, const void* from, int64_t bytes);
// Records that every byte becomes `value`.
LINESHAFT_EXPORT void fill_bytes(void* to, uint8_t value, int64_t bytes);

// A small buffer of the device that is the memory of all tensors without elements, so that their views are not absent.
// It is never released.
LINESHAFT_EXPORT BufferId placeholder(int device);

}  // namespace lineshaft::frontend
