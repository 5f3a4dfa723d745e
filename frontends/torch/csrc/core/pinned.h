// Pinned host memory (frontend/pinned_blocks.h).
#pragma once

#include <c10/core/Allocator.h>

#include <lineshaft/frontend/pinned_blocks.h>

namespace lineshaft::torch {

using frontend::is_pinned;
c10::Allocator* pinned_allocator();

}  // namespace lineshaft::torch
