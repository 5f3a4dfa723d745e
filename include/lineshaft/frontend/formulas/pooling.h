// The programs of fractional max pooling (Graham, 2014): all windows have one size, and a random number for each axis
// determines their positions.
#pragma once

#include <array>

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// Positions along one axis of the input, for outputs [images, channels, windows, places in a window]. Window x begins
// at floor((x + sample) alpha) - floor(sample alpha), the last one at `room`. Input: the axis's sample, of the float
// dtype `samples`, from 0 to 1. Arguments: alpha = room / (windows - 1), of the sample's compute type; windows - 1 and
// room = input's size - window's size, i64. Output: the position, i64.
LINESHAFT_EXPORT ProgramRef fractional_window_program(DType samples);
// Its arguments for `windows` windows of size `kernel` on an axis of size `input`. For samples of f32, each step of the
// computation of alpha is rounded to f32, as in PyTorch.
LINESHAFT_EXPORT std::array<Scalar, 3> fractional_window_arguments(DType samples, int64_t input, int64_t kernel,
                                                                   int64_t windows);

// The row-major position of a window's largest element within the `spatial` axes, 1 to 3, of the input. All operands
// are i64. Inputs: the element's row-major position in its window; the begin of the window on each axis. Arguments: the
// sizes of the window, then those of the input. Output: the position.
LINESHAFT_EXPORT ProgramRef window_winner_program(int spatial);

}  // namespace lineshaft::frontend::formulas
