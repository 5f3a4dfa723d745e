// `tensor.data = other` between the CPU and a device, which Module.to() does with every parameter: the tensor stays the
// same object, so that tied parameters stay tied and an optimizer that was made before goes on with them.
#pragma once

namespace lineshaft::torch {

// Makes PyTorch allow it. Called once, when the extension is loaded. False when this PyTorch has no way for it.
bool allow_set_data_across_devices();

}  // namespace lineshaft::torch
