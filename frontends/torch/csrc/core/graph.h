// torch.accelerator.Graph on this device (frontend/graph.h).
#pragma once

#include <c10/core/Device.h>

#include <lineshaft/frontend/graph.h>

namespace lineshaft::torch {

using frontend::is_captured;
using frontend::is_capturing;

// Throws where a graph is captured on the device by another thread, to whose graph nothing of this one's belongs.
void require_capturing_thread(c10::DeviceIndex device);

}  // namespace lineshaft::torch
