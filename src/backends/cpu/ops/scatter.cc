#include "lineshaft/ops/scatter.h"

#include <cmath>

#include "backends/cpu/index_resolver.h"
#include "backends/cpu/nest.h"
#include "backends/cpu/parallel.h"
#include "backends/cpu/storage.h"
#include "base/divide.h"

namespace lineshaft::cpu {
namespace {

enum ScatterOperand { kScatterSource, kScatterTarget, kScatterIndices };
constexpr int64_t kLow = IndexResolver::kOutside + 1, kHigh = INT64_MAX;  // all offsets

template <ScatterKind kKind, class T>
T combine(T old, T given) {
  if constexpr (kKind == ScatterKind::kAssign) return given;
  Compute<T> a = widen(old), b = widen(given);
  using C = Compute<T>;
  constexpr bool is_float = std::is_floating_point_v<C>;
  if constexpr (std::is_same_v<C, bool>) {
    return narrow<T>(kKind == ScatterKind::kAdd || kKind == ScatterKind::kMax ? a || b : a && b);
  } else if constexpr (kKind == ScatterKind::kMin || kKind == ScatterKind::kMax) {
    if constexpr (is_float) {
      if (std::isnan(a)) return old;
      if (std::isnan(b)) return given;
    }
    return (kKind == ScatterKind::kMin ? b < a : a < b) ? given : old;
  } else if constexpr (is_float) {
    return narrow<T>(kKind == ScatterKind::kAdd ? a + b : a * b);
  } else {
    using U = std::make_unsigned_t<C>;
    U x = static_cast<U>(a), y = static_cast<U>(b);
    return narrow<T>(static_cast<C>(kKind == ScatterKind::kAdd ? x + y : x * y));
  }
}

// Every element of the target has one set of indices and one position on the axes along which the target steps. Then
// positions with different offsets, and positions that differ on such an axis, never meet in one element.
bool is_separable(const Nest& nest, List<int64_t> index_strides, List<int64_t> bounds) {
  std::array<std::pair<int64_t, int64_t>, 2 * kMaxRank> steps;  // stride, size
  size_t count = 0;
  for (int axis = 0; axis < nest.rank; ++axis)
    if (nest.strides[kScatterTarget][axis] != 0)
      steps[count++] = {nest.strides[kScatterTarget][axis], nest.sizes[axis]};
  for (size_t j = 0; j < bounds.size(); ++j)
    if (bounds[j] > 1) steps[count++] = {index_strides[j], bounds[j]};
  std::sort(steps.begin(), steps.begin() + count);
  int64_t reach = 0;
  for (size_t i = 0; i < count; ++i) {
    if (steps[i].first <= reach) return false;
    reach += steps[i].first * (steps[i].second - 1);
  }
  return true;
}

template <ScatterKind kKind, class T>
struct Scatterer {
  const Nest& nest;
  int outer;  // axes that indices depend on
  const IndexResolver& resolver;
  T* target;
  const T* source;

  void block(const Nest& part, int axis, T* to, const T* from) const {
    if (axis == part.rank) {
      *to = combine<kKind>(*to, *from);
      return;
    }
    int64_t size = part.sizes[axis], to_step = part.strides[kScatterTarget][axis],
            from_step = part.strides[kScatterSource][axis];
    if (axis < part.rank - 1) {
      for (int64_t i = 0; i < size; ++i) block(part, axis + 1, to + i * to_step, from + i * from_step);
    } else if (to_step == 1 && from_step == 1) {
      for (int64_t i = 0; i < size; ++i) to[i] = combine<kKind>(to[i], from[i]);
    } else {
      for (int64_t i = 0; i < size; ++i) to[i * to_step] = combine<kKind>(to[i * to_step], from[i * from_step]);
    }
  }

  // All positions of `part` whose indices give an offset in low..high, in order.
  void run(const Nest& part, int64_t low, int64_t high) const {
    int64_t resolved[IndexResolver::kRun], chosen[IndexResolver::kRun];
    int last = outer > 0 ? outer - 1 : kMaxRank - 1;
    int64_t to_step = part.strides[kScatterTarget][last], from_step = part.strides[kScatterSource][last];
    bool whole = low == kLow && high == kHigh;
    walk(part, outer, 0, part.count(0, outer), IndexResolver::kRun, [&](const int64_t* offsets, int64_t count) {
      bool inside = resolver.resolve(
          offsets + kScatterIndices, [&](int j) { return part.strides[kScatterIndices + j][last]; }, count, resolved);
      T* to = target + offsets[kScatterTarget];
      const T* from = source + offsets[kScatterSource];
      if (outer == part.rank && inside && whole) {
        for (int64_t k = 0; k < count; ++k) {
          T* at = to + k * to_step + resolved[k];
          *at = combine<kKind>(*at, from[k * from_step]);
        }
        return;
      }
      // Chosen without a branch: which part an index belongs to cannot be predicted.
      int64_t n = 0;
      for (int64_t k = 0; k < count; ++k) {
        chosen[n] = k;
        n += resolved[k] >= low && resolved[k] < high;
      }
      for (int64_t i = 0; i < n; ++i)
        block(part, outer, to + chosen[i] * to_step + resolved[chosen[i]], from + chosen[i] * from_step);
    });
  }
};

// How the work is split so that each element of the target belongs to one part.
struct Split {
  int axis = -1;  // of the nest; -1: by offset
  int64_t size = 1;
  int64_t grain = 1;
};

Split choose_split(const Nest& nest, int outer, int64_t reach, bool separable) {
  int64_t work = nest.numel();
  if (!separable || work < 16384) return {};
  int64_t wanted = std::min<int64_t>(thread_count(), work / 8192);
  for (int axis = 0; axis < nest.rank; ++axis) {
    bool innermost = axis == nest.rank - 1 && axis >= outer;
    if (nest.strides[kScatterTarget][axis] != 0 && nest.sizes[axis] >= wanted * (innermost ? 32 : 1))
      return {axis, nest.sizes[axis], divide_up(nest.sizes[axis], wanted)};
  }
  // Every thread reads all indices: that pays where blocks are moved, or many threads share the writes.
  if (outer == nest.rank && wanted < 4) return {};
  return {-1, reach, divide_up(reach, wanted)};
}

template <ScatterKind kKind, class T>
void run_split(const Scatterer<kKind, T>& scatterer, const Split& split) {
  parallel_for(split.size, split.grain, [&](int64_t begin, int64_t end) {
    if (split.axis >= 0)
      scatterer.run(slice(scatterer.nest, split.axis, begin, end), kLow, kHigh);
    else
      scatterer.run(scatterer.nest, begin == 0 ? kLow : begin, end == split.size ? kHigh : end);
  });
}

template <class F>
void visit_kind(ScatterKind kind, F&& f) {
  switch (kind) {
    case ScatterKind::kAssign:
      return;
    case ScatterKind::kAdd:
      return f(std::integral_constant<ScatterKind, ScatterKind::kAdd>{});
    case ScatterKind::kMultiply:
      return f(std::integral_constant<ScatterKind, ScatterKind::kMultiply>{});
    case ScatterKind::kMin:
      return f(std::integral_constant<ScatterKind, ScatterKind::kMin>{});
    case ScatterKind::kMax:
      return f(std::integral_constant<ScatterKind, ScatterKind::kMax>{});
  }
}

}  // namespace

void run(Context& context, const Scatter& op) {
  std::array<TensorView, Nest::kMaxOperands> views{op.source, op.target};
  std::ranges::copy(op.indices, views.begin() + kScatterIndices);
  Nest nest = make_nest(std::span<const TensorView>(views.data(), kScatterIndices + op.indices.size()));
  if (nest.numel() == 0) return;
  auto fixed = [&](int axis) {
    for (int i = kScatterIndices; i < nest.operands; ++i)
      if (nest.strides[i][axis] != 0) return false;
    return true;
  };
  int outer = nest.rank;
  while (outer > 0 && fixed(outer - 1)) --outer;
  int64_t reach = 1;
  for (size_t j = 0; j < op.bounds.size(); ++j) reach += std::max<int64_t>(op.bounds[j] - 1, 0) * op.index_strides[j];
  Split split = choose_split(nest, outer, reach, is_separable(nest, op.index_strides, op.bounds));
  IndexResolver resolver(context, op.indices, op.index_strides, op.bounds, op.wrap);
  auto scatter = [&]<ScatterKind kKind, class T>(std::integral_constant<ScatterKind, kKind>, std::type_identity<T>) {
    run_split(Scatterer<kKind, T>{nest, outer, resolver, context.data<T>(op.target), context.data<T>(op.source)},
              split);
  };
  if (op.kind == ScatterKind::kAssign)
    visit_width(op.target.dtype,
                [&](auto type) { scatter(std::integral_constant<ScatterKind, ScatterKind::kAssign>{}, type); });
  else
    visit_kind(op.kind, [&](auto kind) { visit_storage(op.target.dtype, [&](auto type) { scatter(kind, type); }); });
}

}  // namespace lineshaft::cpu
