// Matrix products over packed operands: what matmul, convolution and attention are made of.
#pragma once

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/planning/matrices.h"

namespace lineshaft::vulkan {

// The type in which products take operands of `dtype`: f16 itself where the device multiplies matrices of it, else the
// product type.
DType operand_type(const Context& context, DType dtype);

Packed pack_rows(Context& context, const MatrixSource& source);    // j: rows of a
Packed pack_panels(Context& context, const MatrixSource& source);  // j: columns of b
Packed pack_windows(Context& context, const WindowSource& source, const WindowGeometry& geometry, bool transposed);

// The part of a dense view from element `first` on, `count` elements long: what reaches beyond counts from there.
ProductTarget target_from(const Context& context, const TensorView& view, int64_t first, int64_t count);

// a and b are of one operand type. Where the product has too few tiles for the device's cores, k is cut into parts that
// are summed in order.
void multiply(Context& context, const Packed& a, const Packed& b, const ProductTarget& target, int64_t m, int64_t n,
              int64_t batches, bool accumulate);

}  // namespace lineshaft::vulkan
