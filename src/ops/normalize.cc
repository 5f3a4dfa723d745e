#include "lineshaft/ops/normalize.h"

#include "lineshaft/ops/reduce.h"
#include "ops/normalization.h"
#include "ops/operands.h"

namespace lineshaft {

void require_normalize_axes(uint8_t axes, NormalizeKind kind, const TensorView& input) {
  LS_REQUIRE(is_valid(kind), "normalization ", static_cast<int>(kind), " is unknown");
  require_float("input", input);
  LS_REQUIRE(axes != 0 && axes >> input.rank == 0, "axes are the bits ", int{axes}, "; an input of rank ",
             int{input.rank}, " takes 1 to ", (1 << input.rank) - 1);
}

void require_statistic(const char* what, const TensorView& view, uint8_t axes, const TensorView& input) {
  Sizes sizes = reduce_output_sizes(input.shape(), axes);
  require_shape(what, view, {sizes.data(), sizes.size()});
  require_dtype(what, view, accumulate_type(input.dtype));
}

void require_statistics(uint8_t axes, NormalizeKind kind, const TensorView& input, const TensorView& mean,
                        const TensorView& rstd) {
  require_statistic("rstd", rstd, axes, input);
  if (kind == NormalizeKind::kStandard) return require_statistic("mean", mean, axes, input);
  LS_REQUIRE(!mean, "mean is given; kRms takes none");
}

void validate(const Normalize& op) {
  require_memory(op, {"inputs"});
  require_normalize_axes(op.axes, op.kind, op.input);
  require_statistics(op.axes, op.kind, op.input, op.mean, op.rstd);
  for (const auto& [name, view] : {std::pair{"weight", &op.weight}, std::pair{"bias", &op.bias}}) {
    if (!*view) continue;
    require_float(name, *view);
    require_shape(name, *view, op.input.shape());
  }
  require_float("output", op.output);
  require_shape("output", op.output, op.input.shape());
  require_epilogue(op.epilogue, op.output);
  LS_REQUIRE(is_float(result_dtype(op.epilogue, op.output)), "the epilogue takes the result as ",
             name_of(result_dtype(op.epilogue, op.output)), "; a normalization gives floats");
}

}  // namespace lineshaft
