// Merging map_each commands: the foreach steps of an optimizer become one pass over each parameter.
#pragma once

#include "fusion/fusion_graph.h"
#include "lineshaft/fusion/fusion.h"

namespace lineshaft {

// Merges map_eachs whose groups match one to one, then takes away outputs that no group's reader needs.
void merge_each(FusionGraph& graph, const FusionLimits& limits);

}  // namespace lineshaft
