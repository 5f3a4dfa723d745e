#include "lineshaft/frontend/allocation.h"

#include <mutex>

#include "frontend/address_space.h"

namespace lineshaft::frontend {

Allocation* allocate(int device, int64_t bytes) {
  Stream& owner = stream(device);
  BufferId buffer = owner.create(bytes);
  Allocation* allocation;
  try {
    allocation = address_space().take(bytes);
  } catch (...) {
    owner.release(buffer);
    throw;
  }
  allocation->buffer = buffer;
  allocation->stream = &owner;
  allocation->size = bytes;
  allocation->device = device;
  return allocation;
}

void release(Allocation* allocation) noexcept {
  if (!is_usable()) return;
  allocation->stream->release(allocation->buffer);
  address_space().give_back(allocation);
}

Allocation* find_allocation(const void* address) {
  Allocation* allocation = address_space().find(address);
  LS_REQUIRE(allocation, "the address ", address, " is not memory of a lineshaft device");
  return allocation;
}

BufferId placeholder(int device) {
  static std::mutex mutex;
  struct Made {
    Stream* stream;
    BufferId buffer;
  };
  static std::array<Made, kDeviceNumbers> made{};
  Stream& now = stream(device);
  std::lock_guard lock(mutex);
  if (made[device].stream != &now) made[device] = {&now, now.create(16)};
  return made[device].buffer;
}

}  // namespace lineshaft::frontend
