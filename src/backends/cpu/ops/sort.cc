#include "lineshaft/ops/sort.h"

#include <omp.h>

#include "backends/cpu/context.h"
#include "backends/cpu/nest.h"
#include "backends/cpu/parallel.h"
#include "backends/cpu/radix_sort.h"

namespace lineshaft::cpu {
namespace {

// One row: `steps` are the strides along the axis.
template <class T, class P>
struct RowSorter {
  int64_t size;
  bool descending;
  int64_t input_step, values_step, indices_step;

  void operator()(const T* input, T* values, int64_t* indices, P* keys, P* spare) const {
    using U = UnsignedOf<sizeof(T)>;
    const U flip = descending ? static_cast<U>(~U{0}) : U{0};
    for (int64_t i = 0; i < size; ++i)
      keys[i] = pack_key<P>(static_cast<U>(order_key(input[i * input_step]) ^ flip), i);
    P* sorted = sort_packed(keys, spare, size, 8 * sizeof(T));
    for (int64_t i = 0; i < size; ++i) {
      int64_t position = packed_position(sorted[i]);
      indices[i * indices_step] = position;
      if (values) values[i * values_step] = input[position * input_step];
    }
  }
};

template <class T, class P>
void sort_rows(Context& context, const Sort& op) {
  const int axis = op.axis;
  int64_t size = op.input.rank ? op.input.sizes[axis] : 1;
  auto step = [&](const TensorView& view) { return view.rank ? view.strides[axis] : 0; };
  RowSorter<T, P> sorter{size, op.descending, step(op.input), op.values ? step(op.values) : 0, step(op.indices)};
  const TensorView& values_view = op.values ? op.values : op.indices;
  Nest rows = make_nest({rows_along(op.input, axis), rows_along(values_view, axis), rows_along(op.indices, axis)});
  const T* input = context.data<T>(op.input);
  T* values = op.values ? context.data<T>(op.values) : nullptr;
  int64_t* indices = context.data<int64_t>(op.indices);
  int64_t parts = std::min<int64_t>(thread_count(), rows.numel());
  P* keys = context.scratch<P>(2 * size * parts);
  parallel_for_slots(rows.numel(), std::max<int64_t>(1, 4096 / size), [&](int slot, int64_t begin, int64_t end) {
    P* own = keys + 2 * size * slot;
    walk(rows, rows.rank, begin, end, 1, [&](const int64_t* at, int64_t) {
      sorter(input + at[0], values ? values + at[1] : nullptr, indices + at[2], own, own + size);
    });
  });
}

}  // namespace

void run(Context& context, const Sort& op) {
  if (op.input.numel() == 0) return;
  bool small = op.input.rank == 0 || op.input.sizes[op.axis] <= INT64_C(0xffffffff);
  visit_storage(op.input.dtype, [&]<class T>(std::type_identity<T>) {
    if (small)
      sort_rows<T, PackedKey<sizeof(T)>>(context, op);
    else
      sort_rows<T, UInt128>(context, op);
  });
}

}  // namespace lineshaft::cpu
