// Ending the process without a race: PyTorch's autograd threads must be idle, holding nothing of Python's, before the
// interpreter ends.
#pragma once

#include <c10/core/Device.h>

namespace lineshaft::torch {

// Called by the guard whenever a thread takes a device: how the autograd threads, which start so, become known.
void note_thread(c10::DeviceIndex device) noexcept;

// Waits until autograd's threads of the open devices are idle. Called without the GIL, from the thread that loaded the
// extension.
void drain_autograd();

}  // namespace lineshaft::torch
