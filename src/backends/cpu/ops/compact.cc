#include "lineshaft/ops/compact.h"

#include <bit>
#include <cstring>
#include <utility>

#include "backends/cpu/context.h"
#include "backends/cpu/nest.h"
#include "backends/cpu/parallel.h"
#include "backends/cpu/storage.h"
#include "base/divide.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kRun = 4096;

template <class T>
uint8_t is_set(T value) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
    return (value.bits & 0x7fff) != 0;
  else if constexpr (std::is_same_v<T, Bool>)
    return value.bits != 0;
  else
    return value != 0;
}

// The positions begin..end of the mask: f(first position, flags, how many) for runs of them, flags being 0 or 1.
template <class T, class F>
void for_flags(const Nest& nest, const T* mask, int64_t begin, int64_t end, F&& f) {
  alignas(64) uint8_t flags[kRun];
  int64_t position = begin, step = nest.rank ? nest.strides[0][nest.rank - 1] : 0;
  walk(nest, nest.rank, begin, end, kRun, [&](const int64_t* at, int64_t count) {
    const T* from = mask + at[0];
    if (step == 1)
      for (int64_t i = 0; i < count; ++i) flags[i] = is_set(from[i]);
    else
      for (int64_t i = 0; i < count; ++i) flags[i] = is_set(from[i * step]);
    f(position, flags, count);
    position += count;
  });
}

int64_t count_flags(const uint8_t* flags, int64_t count) {
  int64_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += flags[i];
  return sum;
}

// Writes the positions of the set flags; returns how many.
int64_t list_flags(const uint8_t* flags, int64_t count, int64_t first, int64_t* to, int64_t step) {
  int64_t found = 0, i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t eight;
    std::memcpy(&eight, flags + i, 8);
    for (; eight; eight &= eight - 1) to[found++ * step] = first + i + std::countr_zero(eight) / 8;
  }
  for (; i < count; ++i)
    if (flags[i]) to[found++ * step] = first + i;
  return found;
}

template <class T>
void compact(Context& context, const Compact& op) {
  Nest nest = make_nest({op.mask});
  const int64_t total = nest.numel(), step = op.positions.strides[0];
  const T* mask = context.data<T>(op.mask);
  int64_t* positions = total ? context.data<int64_t>(op.positions) : nullptr;
  // Blocks are counted, then each writes from where those before it end.
  const int64_t block = std::max<int64_t>(kRun, divide_up(total, 4 * thread_count()));
  const int64_t blocks = divide_up(total, block);
  int64_t* starts = context.scratch<int64_t>(blocks + 1);
  auto for_blocks = [&](auto&& f) {
    parallel_for(blocks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t b = begin; b < end; ++b)
        for_flags(nest, mask, b * block, std::min(total, (b + 1) * block),
                  [&](int64_t first, const uint8_t* flags, int64_t count) { f(b, first, flags, count); });
    });
  };
  std::fill(starts, starts + blocks + 1, 0);
  for_blocks([&](int64_t b, int64_t, const uint8_t* flags, int64_t count) { starts[b] += count_flags(flags, count); });
  int64_t sum = 0;
  for (int64_t b = 0; b < blocks; ++b) sum += std::exchange(starts[b], sum);
  for_blocks([&](int64_t b, int64_t first, const uint8_t* flags, int64_t count) {
    starts[b] += list_flags(flags, count, first, positions + starts[b] * step, step);
  });
  *context.data<int64_t>(op.count) = sum;
}

}  // namespace

void run(Context& context, const Compact& op) {
  visit_storage(op.mask.dtype, [&]<class T>(std::type_identity<T>) { compact<T>(context, op); });
}

}  // namespace lineshaft::cpu
