// Bilinear and bicubic interpolation of images of bytes.
#pragma once

#include "csrc/core/tensor.h"

namespace lineshaft::torch {

// Fills `out` [N, C, H, W] from `self`, both u8, bit for bit as PyTorch's CPU does: along the width, then the height,
// each with weights in 16 bits and rounded to a byte. `scale` is input elements per output element, for height and
// width.
void resample_bytes(const at::Tensor& out, const at::Tensor& self, const ResampleGeometry& geometry);

}  // namespace lineshaft::torch
