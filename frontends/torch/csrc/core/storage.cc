#include "csrc/core/storage.h"

#include <algorithm>

#include "csrc/core/error.h"
#include "csrc/core/memory.h"

namespace lineshaft::torch {

void resize_storage(c10::StorageImpl& storage, int64_t bytes) {
  TORCH_CHECK(storage.resizable(), "Trying to resize storage that is not resizable");
  auto device = storage.device();
  c10::DataPtr grown = allocate(device.index(), bytes);
  int64_t kept = std::min(bytes, static_cast<int64_t>(storage.nbytes()));
  Allocation* from = allocation_of(storage.data_ptr());
  if (kept > 0 && from) {
    Allocation* to = allocation_of(grown);
    require_connected(*from);
    translated([&] { frontend::copy_bytes(to->address, from->address, kept); });
  }
  storage.set_data_ptr_noswap(std::move(grown));
  storage.set_nbytes(static_cast<size_t>(bytes));
}

void grow_storage(c10::StorageImpl& storage, int64_t bytes) {
  if (bytes > static_cast<int64_t>(storage.nbytes())) resize_storage(storage, bytes);
}

}  // namespace lineshaft::torch
