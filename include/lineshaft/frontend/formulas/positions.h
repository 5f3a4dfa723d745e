// Programs that compute where elements are: positions to gather from, and coordinates of positions that were found. All
// operands are i64 but where a line says otherwise.
#pragma once

#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// The coordinate along one axis of an element, from its row-major number. Input: the number. Arguments: how far apart
// neighbours on the axis are in that count; the axis's size. Output: the coordinate.
ProgramRef coordinate_program();
// The same for a list of which only the first `count` elements are numbers. The elements count along axis 0. Inputs:
// the number; count. Arguments: as above, and a third, the output past the end.
ProgramRef coordinate_or_fill_program();

// How a tensor goes on past its edges: mirrored at the first and the last element, which are not repeated; or with the
// edge's element again and again.
enum class PadMode : uint8_t { kReflect, kReplicate };
// Where an element of a padded axis comes from. The elements count along axis 0. No inputs. Arguments: how many
// elements lie in front of the first; the number of the last element of the source. Output: the position in the source.
ProgramRef pad_position_program(PadMode mode);

// One step of a search by halving in sorted boundaries: how many lie below a value (right: at or below it). A
// comparison with NaN counts as below. Inputs: low and high, between which the answer is; place, the boundary that this
// step looks at, between them; the boundary there and the value, both of `type`. Argument: the number of the last
// boundary. Outputs: low, high and place of the next step. Where low and high are equal they stay.
ProgramRef search_step_program(DType type, bool right);

}  // namespace lineshaft::frontend::formulas
