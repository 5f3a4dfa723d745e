// Programs that compute where elements are: positions to gather from, and coordinates of positions that were found. All
// operands are i64 but where a line says otherwise.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// The coordinate along one axis of an element, from its row-major number. Input: the number. Arguments: how far apart
// neighbours on the axis are in that count; the axis's size. Output: the coordinate.
LINESHAFT_EXPORT ProgramRef coordinate_program();
// The same for a list of which only the first `count` elements are numbers. The elements count along axis 0. Inputs:
// the number; count. Arguments: as above, and a third, the output past the end.
LINESHAFT_EXPORT ProgramRef coordinate_or_fill_program();

// How a tensor goes on past its edges: mirrored at the first and the last element, which are not repeated; or with the
// edge's element again and again.
enum class PadMode : uint8_t { kReflect, kReplicate };
// Where an element of a padded axis comes from. The elements count along axis 0. No inputs. Arguments: how many
// elements lie in front of the first; the number of the last element of the source. Output: the position in the source.
LINESHAFT_EXPORT ProgramRef pad_position_program(PadMode mode);

}  // namespace lineshaft::frontend::formulas
