// In lineshaft::torch PyTorch's own names are found as `torch::`, as its macros write them.
#pragma once

namespace torch {}

namespace lineshaft::torch {
using namespace ::torch;  // NOLINT
}
