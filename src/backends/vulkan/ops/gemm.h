// Matrix products of packed operands, for matmul, convolution and attention.
#pragma once

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/planning/matrices.h"

namespace lineshaft::vulkan {

// The type in which operands of `dtype` are packed: f16 for f16 where the device has cooperative matrices of it, else
// product_type(dtype).
DType operand_type(const Context& context, DType dtype);

Packed pack_rows(Context& context, const MatrixSource& source);    // j are the rows of a
Packed pack_panels(Context& context, const MatrixSource& source);  // j are the columns of b
Packed pack_windows(Context& context, const WindowSource& source, const WindowGeometry& geometry, bool transposed);

// The part of a dense view that begins at element `first` and has `count` elements, as a target.
ProductTarget target_from(const Context& context, const TensorView& view, int64_t first, int64_t count);

// Computes a b, or adds it to the target (`accumulate`). a and b have the same operand type. Where the product has too
// few tiles for the device's cores, k is split into parts, whose results are summed in order.
void multiply(Context& context, const Packed& a, const Packed& b, const ProductTarget& target, int64_t m, int64_t n,
              int64_t batches, bool accumulate);

}  // namespace lineshaft::vulkan
