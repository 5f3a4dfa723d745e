// Merges map_each commands, so that the foreach steps of an optimizer become one pass over each parameter.
#pragma once

#include "fusion/fusion_graph.h"
#include "lineshaft/fusion/fusion.h"

namespace lineshaft {

// Merges map_each commands whose groups match one to one, and then removes outputs that no command reads in any group.
void merge_each(FusionGraph& graph, const FusionLimits& limits);

}  // namespace lineshaft
