// Elementwise operators: programs over tensors that broadcast.
#pragma once

#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/frontend/tensor_ref.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// Records outputs = program(inputs..., args...). The outputs, at least one, have one shape, to which the inputs
// broadcast, and do not overlap themselves or each other. An input that partly overlaps an output is copied first.
// Tensors may have any rank; nothing is recorded where there are no elements. Throws Error(kInvalidArgument) where an
// input does not broadcast, and for a program that uses indices over more than kMaxRank axes.
LINESHAFT_EXPORT void record_map(Stream& stream, ProgramRef program, List<TensorRef> outputs, List<TensorRef> inputs,
                                 List<Scalar> args = {});

// A number as a program's run-time argument of compute_type(type). A number for a float type is not rounded; one for an
// integer type wraps to `type`, as an element of a tensor does that is converted to it; for bool, it is whether the
// number is not 0.
LINESHAFT_EXPORT Scalar argument(double value, DType type);
LINESHAFT_EXPORT Scalar argument(int64_t value, DType type);

// The strides for a new elementwise result of `sizes`. They have the order of the inputs' strides where the inputs
// agree, so that a channels-last layout is kept. There are as many strides as sizes.
LINESHAFT_EXPORT std::vector<int64_t> result_strides(std::span<const int64_t> sizes, List<TensorRef> inputs);

}  // namespace lineshaft::frontend
