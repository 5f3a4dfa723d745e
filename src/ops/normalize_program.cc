#include "ops/normalize_program.h"

#include "lineshaft/program/program_cache.h"

namespace lineshaft {

ProgramRef normalize_program(const Normalize& op, DType type, DType result) {
  static ProgramCache cache;
  uint64_t key = key_of(op.input.dtype, dtype_or_absent(op.mean), op.rstd.dtype, dtype_or_absent(op.weight),
                        dtype_or_absent(op.bias), type, result);
  return cache.get(key, [&](ProgramBuilder& p) {
    auto load = [&](const TensorView& view) { return cast(p.input(view.dtype), type); };
    Expr y = load(op.input);
    if (op.mean) y = y - load(op.mean);
    y = y * load(op.rstd);
    if (op.weight) y = y * load(op.weight);
    if (op.bias) y = y + load(op.bias);
    p.output(cast(y, compute_type(result)), result);
  });
}

std::vector<TensorView> normalize_inputs(const Normalize& op) {
  std::vector<TensorView> inputs{op.input};
  for (const TensorView* view : {&op.mean, &op.rstd, &op.weight, &op.bias})
    if (*view) inputs.push_back(broadcast_to(*view, op.input.shape()));
  return inputs;
}

}  // namespace lineshaft
