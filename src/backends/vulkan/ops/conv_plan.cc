#include "backends/vulkan/ops/conv_plan.h"

namespace lineshaft::vulkan {

ConvPlan::ConvPlan(Context& context, const TensorView& input, const TensorView& weight, const TensorView& output,
                   const ConvGeometry& geometry, DType operands, const char* name)
    : ConvShape(input, weight, output, geometry, operand_type(context, operands)), context(context) {
  if (type == DType::kF64) context.require_f64(name);
}

}  // namespace lineshaft::vulkan
