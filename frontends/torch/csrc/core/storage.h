// Storages that grow and shrink.
#pragma once

#include <c10/core/StorageImpl.h>

namespace lineshaft::torch {

// Gives the storage memory of `bytes`; keeps what fits of the old contents.
void resize_storage(c10::StorageImpl& storage, int64_t bytes);
// At least `bytes`.
void grow_storage(c10::StorageImpl& storage, int64_t bytes);

}  // namespace lineshaft::torch
