#include "lineshaft/ops/gather.h"

#include <cstring>

#include "backends/cpu/index_resolver.h"
#include "backends/cpu/nest.h"
#include "backends/cpu/parallel.h"
#include "backends/cpu/storage.h"

namespace lineshaft::cpu {
namespace {

enum GatherOperand { kGatherOutput, kGatherInput, kGatherIndices };

// Copies the axes `axis`... of the nest, which no index depends on; a null `from` fills with 0.
template <class T>
void copy_block(const Nest& nest, int axis, T* to, const T* from) {
  if (axis == nest.rank) {
    *to = from ? *from : T{};
    return;
  }
  int64_t size = nest.sizes[axis], to_step = nest.strides[kGatherOutput][axis],
          from_step = nest.strides[kGatherInput][axis];
  if (axis < nest.rank - 1) {
    for (int64_t i = 0; i < size; ++i)
      copy_block(nest, axis + 1, to + i * to_step, from ? from + i * from_step : nullptr);
  } else if (to_step == 1 && from_step == 1 && from) {
    std::memcpy(to, from, size * sizeof(T));
  } else {
    for (int64_t i = 0; i < size; ++i) to[i * to_step] = from ? from[i * from_step] : T{};
  }
}

template <class T>
struct Gatherer {
  const Nest& nest;
  int outer;  // axes that indices depend on; those after them are copied in blocks
  const IndexResolver& resolver;
  T* output;
  const T* input;

  void run(const Nest& part, int64_t begin, int64_t end) const {
    int64_t resolved[IndexResolver::kRun];
    int last = outer > 0 ? outer - 1 : kMaxRank - 1;
    int64_t to_step = part.strides[kGatherOutput][last], from_step = part.strides[kGatherInput][last];
    walk(part, outer, begin, end, IndexResolver::kRun, [&](const int64_t* offsets, int64_t count) {
      bool inside = resolver.resolve(
          offsets + kGatherIndices, [&](int j) { return part.strides[kGatherIndices + j][last]; }, count, resolved);
      T* to = output + offsets[kGatherOutput];
      const T* from = input + offsets[kGatherInput];
      if (outer == part.rank && inside)
        for (int64_t k = 0; k < count; ++k) to[k * to_step] = from[k * from_step + resolved[k]];
      else
        for (int64_t k = 0; k < count; ++k)
          copy_block(part, outer, to + k * to_step,
                     resolved[k] == IndexResolver::kOutside ? nullptr : from + k * from_step + resolved[k]);
    });
  }

  void run() const {
    int64_t rows = nest.count(0, outer), block = nest.count(outer, nest.rank);
    if (rows < thread_count() && outer < nest.rank && nest.sizes[outer] > rows) {
      int64_t grain = std::max<int64_t>(1, 16384 * nest.sizes[outer] / (rows * block));
      parallel_for(nest.sizes[outer], grain,
                   [&](int64_t begin, int64_t end) { run(slice(nest, outer, begin, end), 0, rows); });
    } else {
      parallel_for(rows, std::max<int64_t>(1, 16384 / block),
                   [&](int64_t begin, int64_t end) { run(nest, begin, end); });
    }
  }
};

}  // namespace

void run(Context& context, const Gather& op) {
  std::array<TensorView, Nest::kMaxOperands> views{op.output, op.input};
  std::ranges::copy(op.indices, views.begin() + kGatherIndices);
  Nest nest = make_nest(std::span<const TensorView>(views.data(), kGatherIndices + op.indices.size()));
  if (nest.numel() == 0) return;
  auto fixed = [&](int axis) {
    for (int i = kGatherIndices; i < nest.operands; ++i)
      if (nest.strides[i][axis] != 0) return false;
    return true;
  };
  int outer = nest.rank;
  while (outer > 0 && fixed(outer - 1)) --outer;
  IndexResolver resolver(context, op.indices, op.index_strides, op.bounds, op.wrap);
  visit_width(op.output.dtype, [&]<class T>(std::type_identity<T>) {
    Gatherer<T>{nest, outer, resolver, context.data<T>(op.output), context.data<T>(op.input)}.run();
  });
}

}  // namespace lineshaft::cpu
