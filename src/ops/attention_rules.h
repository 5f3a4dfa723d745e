// The rule that attention and its gradient share.
#pragma once

#include "lineshaft/ops/attention.h"

namespace lineshaft {

void validate_attention(const TensorView& query, const TensorView& key, const TensorView& value, const TensorView& mask,
                        const TensorView& output, const TensorView& logsumexp, const AttentionParams& params);

}  // namespace lineshaft
