// Folding maps into their neighbours: the epilogue of a product, convolution or normalization, the prologue of a
// reduction.
#pragma once

#include "fusion/fusion_graph.h"
#include "lineshaft/fusion/fusion.h"

namespace lineshaft {

// A map of one output that alone reads an operation's result becomes the operation's epilogue.
void fold_epilogues(FusionGraph& graph, CommandList& list, const FusionLimits& limits);

// A map whose one output only a reduction reads becomes the reduction's prologue.
void fold_prologues(FusionGraph& graph, CommandList& list, const FusionLimits& limits);

}  // namespace lineshaft
