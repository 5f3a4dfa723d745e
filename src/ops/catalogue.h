// The whole catalogue: every operation's type, and the enumeration that names them.
#pragma once

#include <cstdint>

#include "ops/apply_reflectors.h"
#include "ops/attention.h"
#include "ops/attention_grad.h"
#include "ops/check.h"
#include "ops/cholesky.h"
#include "ops/compact.h"
#include "ops/conv.h"
#include "ops/conv_grad_input.h"
#include "ops/conv_grad_weight.h"
#include "ops/fold.h"
#include "ops/gather.h"
#include "ops/lu.h"
#include "ops/map.h"
#include "ops/map_each.h"
#include "ops/matmul.h"
#include "ops/normalize.h"
#include "ops/normalize_grad.h"
#include "ops/pool.h"
#include "ops/pool_grad.h"
#include "ops/qr.h"
#include "ops/reduce.h"
#include "ops/resample.h"
#include "ops/resample_grad.h"
#include "ops/sample.h"
#include "ops/scan.h"
#include "ops/scatter.h"
#include "ops/softmax.h"
#include "ops/softmax_grad.h"
#include "ops/sort.h"
#include "ops/topk.h"
#include "ops/triangular_solve.h"
#include "ops/unfold.h"
#include "ops/unpack_pivots.h"

namespace lineshaft {

enum class OpKind : uint16_t {
#define LINESHAFT_OPERATION(Type, name) k##Type,
#include "ops/catalogue.def"
};

#define LINESHAFT_OPERATION(Type, name) +1
inline constexpr int kOpKindCount = 0
#include "ops/catalogue.def"
    ;

constexpr const char* name_of(OpKind kind) {
  constexpr const char* names[] = {
#define LINESHAFT_OPERATION(Type, name) #name,
#include "ops/catalogue.def"
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
#include "ops/catalogue.def"

// Calls f with the operation of kind `kind` that `op` points to, as its own type.
template <class F>
decltype(auto) visit_operation(OpKind kind, const void* op, F&& f) {
  switch (kind) {
#define LINESHAFT_OPERATION(Type, name) \
  case OpKind::k##Type:                 \
    return f(*static_cast<const Type*>(op));
#include "ops/catalogue.def"
  }
  fail(ErrorCode::kInternal, "operation kind ", static_cast<int>(kind), " is unknown");
}

}  // namespace lineshaft
