// The whole catalogue: every operation's type, and the enumeration that names them.
#pragma once

#include <cstdint>

#include "lineshaft/ops/apply_reflectors.h"
#include "lineshaft/ops/attention.h"
#include "lineshaft/ops/attention_grad.h"
#include "lineshaft/ops/check.h"
#include "lineshaft/ops/cholesky.h"
#include "lineshaft/ops/compact.h"
#include "lineshaft/ops/conv.h"
#include "lineshaft/ops/conv_grad_input.h"
#include "lineshaft/ops/conv_grad_weight.h"
#include "lineshaft/ops/fold.h"
#include "lineshaft/ops/gather.h"
#include "lineshaft/ops/lu.h"
#include "lineshaft/ops/map.h"
#include "lineshaft/ops/map_each.h"
#include "lineshaft/ops/matmul.h"
#include "lineshaft/ops/normalize.h"
#include "lineshaft/ops/normalize_grad.h"
#include "lineshaft/ops/pool.h"
#include "lineshaft/ops/pool_grad.h"
#include "lineshaft/ops/qr.h"
#include "lineshaft/ops/reduce.h"
#include "lineshaft/ops/resample.h"
#include "lineshaft/ops/resample_grad.h"
#include "lineshaft/ops/sample.h"
#include "lineshaft/ops/scan.h"
#include "lineshaft/ops/scatter.h"
#include "lineshaft/ops/search_sorted.h"
#include "lineshaft/ops/softmax.h"
#include "lineshaft/ops/softmax_grad.h"
#include "lineshaft/ops/sort.h"
#include "lineshaft/ops/topk.h"
#include "lineshaft/ops/triangular_solve.h"
#include "lineshaft/ops/unfold.h"
#include "lineshaft/ops/unpack_pivots.h"

namespace lineshaft {

enum class OpKind : uint16_t {
#define LINESHAFT_OPERATION(Type, name) k##Type,
#include "lineshaft/ops/catalogue.def"
};

#define LINESHAFT_OPERATION(Type, name) +1
inline constexpr int kOpKindCount = 0
#include "lineshaft/ops/catalogue.def"
    ;

constexpr const char* name_of(OpKind kind) {
  constexpr const char* names[] = {
#define LINESHAFT_OPERATION(Type, name) #name,
#include "lineshaft/ops/catalogue.def"
  };
  return names[static_cast<int>(kind)];
}

template <class Op>
struct OpTraits;
#define LINESHAFT_OPERATION(Type, name)             \
  template <>                                       \
  struct OpTraits<Type> {                           \
    static constexpr OpKind kind = OpKind::k##Type; \
  };
#include "lineshaft/ops/catalogue.def"

// Calls f with the operation of kind `kind` that `op` points to, as its own type.
template <class F>
decltype(auto) visit_operation(OpKind kind, const void* op, F&& f) {
  switch (kind) {
#define LINESHAFT_OPERATION(Type, name) \
  case OpKind::k##Type:                 \
    return f(*static_cast<const Type*>(op));
#include "lineshaft/ops/catalogue.def"
  }
  fail(ErrorCode::kInternal, "operation kind ", static_cast<int>(kind), " is unknown");
}

}  // namespace lineshaft
