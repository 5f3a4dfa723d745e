// Programs that compute positions of elements: positions to gather from, and the coordinates of positions. All operands
// are i64.
#pragma once

#include "lineshaft/base/export.h"
#include "lineshaft/program/program.h"

namespace lineshaft::frontend::formulas {

// The coordinate of an element along one axis, from its row-major number. Input: the number. Arguments: by how much the
// number grows for one step along the axis; the size of the axis. Output: the coordinate.
LINESHAFT_EXPORT ProgramRef coordinate_program();
// The same for a list, along axis 0, of which only the first `count` elements are valid numbers. Inputs: the number;
// count. Arguments: as above, and then the output for all other elements.
LINESHAFT_EXPORT ProgramRef coordinate_or_fill_program();

// How a tensor is padded: mirrored at its first and last element, which are not repeated; or by repeating the element
// at the edge.
enum class PadMode : uint8_t { kReflect, kReplicate };
// The position in the source of each element of a padded axis. The elements lie along axis 0. No inputs. Arguments: the
// number of padding elements before the first element; the position of the source's last element. Output: the position.
LINESHAFT_EXPORT ProgramRef pad_position_program(PadMode mode);

}  // namespace lineshaft::frontend::formulas
