// Device memory as PyTorch sees it: a pointer is an address in a reserved range that nothing maps, one interval for
// each buffer, so that pointer arithmetic works and a stray host access faults at once. The storage's context is the
// buffer.
#pragma once

#include <c10/core/Allocator.h>
#include <lineshaft/lineshaft.h>

#include "csrc/core/devices.h"

namespace lineshaft::torch {

struct Buffer {
  BufferId id;
  Stream* stream = nullptr;
  std::byte* address = nullptr;  // fixed for the life of the process; reused with the interval
  int64_t interval = 0;
  int64_t size = 0;
  c10::DeviceIndex device = 0;
  Buffer* next_free = nullptr;
};

c10::Allocator* allocator();

// Memory on a device, whatever the current one is. Throws torch.OutOfMemoryError.
c10::DataPtr allocate(c10::DeviceIndex device, int64_t bytes);

void release_buffer(void* context);

// The buffer that a storage's memory is, or null for an empty one. Throws for memory that is not Lineshaft's.
Buffer* find_buffer(const void* address);
inline Buffer* buffer_of(const c10::DataPtr& data) {
  if (data.get_deleter() == &release_buffer) [[likely]]
    return static_cast<Buffer*>(data.get_context());
  return data.get() ? find_buffer(data.get()) : nullptr;
}

// Throws where the buffer's device was opened anew since: what it held is gone.
[[noreturn]] void raise_disconnected(const Buffer& buffer);
inline void require_connected(const Buffer& buffer) {
  if (buffer.stream != &stream(buffer.device)) [[unlikely]]
    raise_disconnected(buffer);
}

// A small buffer that stands for the memory of tensors without elements, so that their views are present.
BufferId placeholder(c10::DeviceIndex device);

}  // namespace lineshaft::torch
