#include "lineshaft/ops/topk.h"

#include <omp.h>

#include "backends/cpu/context.h"
#include "backends/cpu/nest.h"
#include "backends/cpu/order_key.h"
#include "backends/cpu/parallel.h"

namespace lineshaft::cpu {
namespace {

// Keeps the k smallest packed keys of a stream: candidates gather in a buffer, which is cut to k when full.
template <class T, class P>
class Selection {
 public:
  using U = UnsignedOf<sizeof(T)>;
  static int64_t capacity(int64_t k) { return 2 * k + 256; }

  Selection(P* buffer, int64_t k) : buffer_(buffer), k_(k) {}

  void scan(const T* input, int64_t step, int64_t size, U flip) {
    for (int64_t i = 0; i < size; ++i) {
      U key = static_cast<U>(order_key(input[i * step]) ^ flip);
      if (full_ && key >= threshold_) continue;  // an equal key further on comes after
      buffer_[count_++] = pack_key<P>(key, i);
      if (count_ == capacity(k_)) cut();
    }
  }
  const P* finish() {
    if (count_ > k_) std::nth_element(buffer_, buffer_ + k_ - 1, buffer_ + count_);
    std::sort(buffer_, buffer_ + std::min(count_, k_));
    return buffer_;
  }

 private:
  void cut() {
    std::nth_element(buffer_, buffer_ + k_ - 1, buffer_ + count_);
    threshold_ = static_cast<U>(buffer_[k_ - 1] >> kPositionBits<P>);
    count_ = k_;
    full_ = true;
  }

  P* buffer_;
  int64_t k_, count_ = 0;
  U threshold_ = 0;
  bool full_ = false;
};

template <class T, class P>
void select_rows(Context& context, const TopK& op) {
  const int axis = op.axis;
  int64_t size = op.input.rank ? op.input.sizes[axis] : 1, k = op.values.rank ? op.values.sizes[axis] : 1;
  auto step = [&](const TensorView& view) { return view.rank ? view.strides[axis] : 0; };
  int64_t input_step = step(op.input), values_step = step(op.values), indices_step = step(op.indices);
  using U = UnsignedOf<sizeof(T)>;
  const U flip = op.largest ? static_cast<U>(~U{0}) : U{0};
  Nest rows = make_nest({rows_along(op.input, axis), rows_along(op.values, axis), rows_along(op.indices, axis)});
  const T* input = context.data<T>(op.input);
  T* values = context.data<T>(op.values);
  int64_t* indices = context.data<int64_t>(op.indices);
  int64_t capacity = Selection<T, P>::capacity(k), parts = std::min<int64_t>(thread_count(), rows.numel());
  P* buffers = context.scratch<P>(capacity * parts);
  parallel_for_slots(rows.numel(), std::max<int64_t>(1, 16384 / size), [&](int slot, int64_t begin, int64_t end) {
    P* own = buffers + capacity * slot;
    walk(rows, rows.rank, begin, end, 1, [&](const int64_t* at, int64_t) {
      Selection<T, P> selection(own, k);
      selection.scan(input + at[0], input_step, size, flip);
      const P* selected = selection.finish();
      for (int64_t i = 0; i < k; ++i) {
        int64_t position = packed_position(selected[i]);
        indices[at[2] + i * indices_step] = position;
        values[at[1] + i * values_step] = input[at[0] + position * input_step];
      }
    });
  });
}

}  // namespace

void run(Context& context, const TopK& op) {
  if (op.values.numel() == 0) return;
  bool small = op.input.rank == 0 || op.input.sizes[op.axis] <= INT64_C(0xffffffff);
  visit_storage(op.input.dtype, [&]<class T>(std::type_identity<T>) {
    if (small)
      select_rows<T, PackedKey<sizeof(T)>>(context, op);
    else
      select_rows<T, UInt128>(context, op);
  });
}

}  // namespace lineshaft::cpu
