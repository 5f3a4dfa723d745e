// Folds maps into other operations: into the epilogue of a product, convolution or normalization, and into the prologue
// of a reduction.
#pragma once

#include "fusion/fusion_graph.h"
#include "lineshaft/fusion/fusion.h"

namespace lineshaft {

// A map with one output becomes the epilogue of an operation where no other command reads that operation's result.
void fold_epilogues(FusionGraph& graph, CommandList& list, const FusionLimits& limits);

// A map with one output becomes the prologue of a reduction where no other command reads that output.
void fold_prologues(FusionGraph& graph, CommandList& list, const FusionLimits& limits);

}  // namespace lineshaft
