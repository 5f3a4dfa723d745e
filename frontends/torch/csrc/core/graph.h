// torch.accelerator.Graph on this device: what is recorded between capture_begin and capture_end is kept and runs at
// each replay, on the tensors that it was captured with. Random numbers go on from run to run as they would without a
// graph: draws that are captured get placeholders, and each replay puts the generators' states in.
#pragma once

#include "csrc/core/generator.h"

namespace lineshaft::frontend {

// Whether a graph is captured on any device.
bool is_capturing() noexcept;

// While a graph is captured on the generator's device: placeholders for `count` counters of it. Else nothing.
std::optional<Draw> capture_draw(const at::Generator& generator, int64_t count);

}  // namespace lineshaft::frontend
