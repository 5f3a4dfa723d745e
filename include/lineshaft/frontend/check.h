// Requirements on values (ops/check.h): what is wrong with a tensor's elements is raised at the next wait.
//
//   record_map(stream, requirement_program<is_weight>(type), {holds}, {tensor}, {argument(bound, type)});
//   record_requirement(stream, Requirement::kWeights, holds, all);
#pragma once

#include <type_traits>

#include "lineshaft/base/export.h"
#include "lineshaft/ops/check.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/program/program_cache.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::frontend {

// Whether formula(x) or formula(x, argument) holds. Input: x, of dtype `type`. Argument, of compute_type(type): the
// formula's, or one that nothing takes. Output: bool.
template <auto formula>
ProgramRef requirement_program(DType type) {
  static ProgramCache cache;
  return cache.get(key_of(type), [&](ProgramBuilder& p) {
    Expr x = p.input(type), argument = p.arg(x.type);
    if constexpr (std::is_invocable_v<decltype(formula), Expr, Expr>)
      p.output(formula(x, argument), DType::kBool);
    else
      p.output(formula(x), DType::kBool);
  });
}

// Records that every element of `holds` must be true. `holds` is bool, with one axis at least. `all` is a bool of one
// element and no axes, which is written: it is what the device looks at, so that what `holds` is computed from folds
// into one reduction.
LINESHAFT_EXPORT void record_requirement(Stream& stream, Requirement requirement, const TensorView& holds,
                                         const TensorView& all);

}  // namespace lineshaft::frontend
