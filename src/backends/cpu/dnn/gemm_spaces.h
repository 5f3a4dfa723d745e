// Memory in which tiled products pack their operands. The device keeps it, so that a product allocates none.
#pragma once

#include <memory>

#include "backends/cpu/context.h"
#include "backends/cpu/dnn/loops.h"
#include "backends/cpu/parallel.h"

namespace lineshaft::cpu {

struct GemmSpace {
  alignas(64) std::byte panels[GemmTile::kWorkspace];
  alignas(64) std::byte sum[GemmTile::kRows * GemmTile::kColumns * 8];  // for the widest type
};

// One GemmSpace for each slot of a parallel loop. Its memory becomes resident when the slot is first used.
inline GemmSpace* gemm_spaces(Context& context) {
  struct Spaces {
    std::unique_ptr<GemmSpace[]> each{new GemmSpace[thread_count()]};
  };
  return context.kept<Spaces>().each.get();
}

}  // namespace lineshaft::cpu
