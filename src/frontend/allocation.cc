#include "lineshaft/frontend/allocation.h"

#include <mutex>

#include "frontend/address_space.h"
#include "lineshaft/base/error.h"
#include "lineshaft/frontend/formulas/selection.h"
#include "lineshaft/ops/map.h"

namespace lineshaft::frontend {
namespace {

// Bytes of an allocation.
struct ByteSpan {
  const Allocation& allocation;
  TensorView view;  // u8[bytes]

  ByteSpan(const void* address, int64_t bytes) : allocation(*find_allocation(address)) {
    int64_t offset = static_cast<const std::byte*>(address) - allocation.address;
    LS_REQUIRE(bytes >= 0 && bytes <= allocation.size - offset, bytes, " bytes from byte ", offset,
               " on, of an allocation of ", allocation.size, " bytes");
    if (!is_connected(allocation)) {
      frontend::stream(allocation.device);  // throws where no device can be used any more
      fail(ErrorCode::kDeviceLost, "the memory at ", address, " was of lineshaft:", allocation.device,
           " before that was opened anew; what it held is lost");
    }
    view = contiguous_view(allocation.buffer, DType::kU8, {bytes}, offset);
  }
  Stream& stream() const { return *allocation.stream; }
};

}  // namespace

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

void copy_bytes(void* to, const void* from, int64_t bytes) {
  if (bytes == 0) return;
  ByteSpan target(to, bytes), source(from, bytes);
  LS_REQUIRE(&target.stream() == &source.stream(), "memory of lineshaft:", source.allocation.device,
             " is copied to lineshaft:", target.allocation.device,
             ", and a copy is of one device; read it to the host and write it from there");
  LS_REQUIRE(overlap(source.view, target.view) != Overlap::kPartial, "a copy of ", bytes,
             " bytes to addresses that overlap its source; copy to memory elsewhere first");
  target.stream().record(Map{identity_program(DType::kU8), {&source.view, 1}, {&target.view, 1}, {}});
}

void write_bytes(void* to, const void* source, int64_t bytes) {
  if (bytes == 0) return;
  ByteSpan target(to, bytes);
  target.stream().write(target.view.buffer, target.view.offset, source, bytes);
}

void read_bytes(void* destination, const void* from, int64_t bytes) {
  if (bytes == 0) return;
  ByteSpan source(from, bytes);
  source.stream().read(source.view.buffer, source.view.offset, destination, bytes);
}

void fill_bytes(void* to, uint8_t value, int64_t bytes) {
  if (bytes == 0) return;
  ByteSpan target(to, bytes);
  const Scalar args[] = {Scalar::of(int64_t{value})};
  target.stream().record(Map{formulas::fill_program(DType::kU8), {}, {&target.view, 1}, args});
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
