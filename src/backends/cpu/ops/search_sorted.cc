#include "lineshaft/ops/search_sorted.h"

#include <bit>

#include "backends/cpu/context.h"
#include "backends/cpu/nest.h"
#include "backends/cpu/parallel.h"
#include "backends/cpu/storage.h"

namespace lineshaft::cpu {
namespace {

enum SearchOperand { kSearchOutput, kSearchValues, kSearchSequence };

template <class T>
struct SortedSearch {
  int64_t size, step;
  bool right;

  int64_t place_of(T searched, const T* sequence) const {
    const Compute<T> value = widen(searched);
    int64_t low = 0, high = size;
    while (low < high) {
      int64_t middle = low + (high - low) / 2;
      const Compute<T> element = widen(sequence[middle * step]);
      bool above = right ? element > value : element >= value;  // false with NaN
      if (above)
        high = middle;
      else
        low = middle + 1;
    }
    return low;
  }
};

template <class T, class Count>
void search_values(Context& context, const SearchSorted& op) {
  SortedSearch<T> search{op.bounds[0], op.index_strides[0], op.right};
  Nest nest = make_nest({op.output, op.values, op.sequence});
  int last = nest.rank ? nest.rank - 1 : 0;
  int64_t to_step = nest.strides[kSearchOutput][last], value_step = nest.strides[kSearchValues][last],
          sequence_step = nest.strides[kSearchSequence][last];
  Count* output = context.data<Count>(op.output);
  const T *values = context.data<T>(op.values), *sequence = context.data<T>(op.sequence);
  int64_t grain = 16384 / (1 + std::bit_width(static_cast<uint64_t>(search.size)));
  parallel_for(nest.numel(), grain, [&](int64_t begin, int64_t end) {
    walk(nest, nest.rank, begin, end, end - begin, [&](const int64_t* at, int64_t count) {
      for (int64_t k = 0; k < count; ++k)
        output[at[kSearchOutput] + k * to_step] = static_cast<Count>(search.place_of(
            values[at[kSearchValues] + k * value_step], sequence + at[kSearchSequence] + k * sequence_step));
    });
  });
}

}  // namespace

void run(Context& context, const SearchSorted& op) {
  if (op.output.numel() == 0) return;
  visit_storage(op.sequence.dtype, [&]<class T>(std::type_identity<T>) {
    if (op.output.dtype == DType::kI64)
      search_values<T, int64_t>(context, op);
    else
      search_values<T, int32_t>(context, op);
  });
}

}  // namespace lineshaft::cpu
