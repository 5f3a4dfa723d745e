// Elementwise operators: a program over tensors that broadcast.
#pragma once

#include "csrc/core/tensor.h"
#include <lineshaft/frontend/map.h>
#include <lineshaft/program/program_cache.h>

namespace lineshaft::torch {

using Tensors = c10::ArrayRef<const at::Tensor*>;

// Records program(inputs..., args...) into `outputs`, which exist, have one shape, and lie on one device. Inputs
// broadcast to it. An input that partly overlaps an output is copied first; outputs that overlap themselves are refused
// as PyTorch does. Any rank.
void record_map(ProgramRef program, std::initializer_list<const at::Tensor*> outputs,
                std::initializer_list<const at::Tensor*> inputs, List<lineshaft::Scalar> args = {});
void record_map(ProgramRef program, Tensors outputs, Tensors inputs, List<lineshaft::Scalar> args = {});

// A number as a program's run-time argument of compute_type(type). Floats stay exact; an integer wraps to `type`, as
// the elements of a tensor do that is converted to it.
lineshaft::Scalar argument(const c10::Scalar& value, DType type);
// The same for numbers that PyTorch checks: throws its "value cannot be converted to type ... without overflow" where
// the number passes what `type` computes in.
lineshaft::Scalar checked_argument(const c10::Scalar& value, DType type);
// The same for a number that is stored as it is: f16 and bf16 are checked against their own range.
lineshaft::Scalar stored_argument(const c10::Scalar& value, DType type);

// The strides of an elementwise result of `sizes`: those of the inputs where they agree, so that channels-last stays.
c10::DimVector result_strides(c10::IntArrayRef sizes, Tensors inputs);
// resize_out for an elementwise result: an `out` of other sizes gets the strides of a new result.
void resize_result(const at::Tensor& out, c10::IntArrayRef sizes, c10::ScalarType type, Stored how, Tensors inputs);
// A new tensor for an elementwise result.
at::Tensor empty_result(c10::IntArrayRef sizes, c10::ScalarType type, Tensors inputs);

}  // namespace lineshaft::torch
