// Device memory as PyTorch sees it (frontend/allocation.h): a storage's context is its allocation.
#pragma once

#include <c10/core/Allocator.h>

#include "csrc/core/devices.h"
#include <lineshaft/frontend/allocation.h>
#include <lineshaft/lineshaft.h>

namespace lineshaft::torch {

using frontend::Allocation;

c10::Allocator* allocator();

// Memory on a device, whatever the current one is. Throws torch.OutOfMemoryError.
c10::DataPtr allocate(c10::DeviceIndex device, int64_t bytes);

void release_allocation(void* context);

// The allocation that a storage's memory is, or null for an empty one. Throws for memory that is not Lineshaft's.
Allocation* find_allocation(const void* address);
inline Allocation* allocation_of(const c10::DataPtr& data) {
  if (data.get_deleter() == &release_allocation) [[likely]]
    return static_cast<Allocation*>(data.get_context());
  return data.get() ? find_allocation(data.get()) : nullptr;
}

// Throws where the allocation's device was opened anew since: what it held is gone.
[[noreturn]] void raise_disconnected(const Allocation& allocation);
inline void require_connected(const Allocation& allocation) {
  if (!frontend::is_connected(allocation)) [[unlikely]]
    raise_disconnected(allocation);
}

}  // namespace lineshaft::torch
