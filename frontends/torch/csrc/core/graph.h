// torch.accelerator.Graph on this device: what is recorded between capture_begin and capture_end is kept and runs at
// each replay, on the tensors that it was captured with. Random numbers go on from run to run as they would without a
// graph: draws that are captured get placeholders, and each replay puts the generators' states in.
#pragma once

#include "csrc/core/generator.h"

namespace lineshaft::torch {

// Whether a graph is captured: on any device, on this one.
bool is_capturing() noexcept;
bool is_captured(c10::DeviceIndex device);

// While a graph is captured on the generator's device: placeholders for `count` counters of it. Else nothing.
std::optional<Draw> capture_draw(const at::Generator& generator, int64_t count);

// While a graph is captured on the generator's device: where it stands in the graph, in placeholders, so that a state
// that is taken in a capture can be put in again there, as activation checkpointing does. Else nothing.
std::optional<Draw> capture_state(const GeneratorImpl& generator);

// Puts such a state in. Throws for one from outside of the capture, and for one that was taken in a capture where none
// is going on; returns false where the state is an ordinary one and nothing is captured.
bool set_capture_state(const GeneratorImpl& generator, Draw state);

// Throws where a graph is captured on the generator's device: its seed is each replay's.
void require_no_capture(const GeneratorImpl& generator);

}  // namespace lineshaft::torch
