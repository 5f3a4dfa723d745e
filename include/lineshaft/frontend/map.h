// Elementwise operators: a program over tensors that broadcast.
#pragma once

#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/frontend/tensor_ref.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// Records program(inputs..., args...) into `outputs`, one at least, which have one shape. Inputs broadcast to it. An
// input that partly overlaps an output is copied first. Any rank; nothing is recorded where there are no elements.
// Outputs must not overlap themselves or each other. Throws Error(kInvalidArgument) where an input does not broadcast,
// and for a program that uses indices over more than kMaxRank axes.
LINESHAFT_EXPORT void record_map(Stream& stream, ProgramRef program, List<TensorRef> outputs, List<TensorRef> inputs,
                                 List<Scalar> args = {});

// A number as a program's run-time argument of compute_type(type): floats stay exact, an integer wraps to `type`, as
// the elements of a tensor do that is converted to it.
LINESHAFT_EXPORT Scalar argument(double value, DType type);
LINESHAFT_EXPORT Scalar argument(int64_t value, DType type);

// The strides of an elementwise result of `sizes`: those of the inputs where they agree, so that channels-last stays.
// As many as sizes.
LINESHAFT_EXPORT std::vector<int64_t> result_strides(std::span<const int64_t> sizes, List<TensorRef> inputs);

}  // namespace lineshaft::frontend
