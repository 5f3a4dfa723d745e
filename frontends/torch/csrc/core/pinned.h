// Pinned host memory: page-aligned, and known by its address.
#pragma once

#include <c10/core/Allocator.h>

namespace lineshaft::torch {

bool is_pinned(const void* address);
c10::Allocator* pinned_allocator();

}  // namespace lineshaft::torch
