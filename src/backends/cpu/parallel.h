// The process's one compute pool: OpenMP's, which oneDNN uses too.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstdint>

#include "stream/helping.h"

namespace lineshaft::cpu {

int thread_count();  // LINESHAFT_THREADS, else OMP_NUM_THREADS, else the cores this process may use

// Calls f(slot, begin, end) on disjoint parts of 0..count, each of at least `grain` items where there are several.
// Which part an item falls into depends on count, grain and thread_count() only, also where one thread does all parts:
// one that helps, and one that is in a parallel loop already. Parts that run at once have different slots, below
// thread_count(), which name memory of their own; one thread that does all has slot 0. Exceptions must not leave f.
template <class F>
void parallel_for_slots(int64_t count, int64_t grain, F&& f) {
  if (count <= 0) return;
  int64_t parts = std::min<int64_t>(thread_count(), (count + grain - 1) / std::max<int64_t>(grain, 1));
  if (parts <= 1) return f(0, int64_t{0}, count);
  auto run = [&](int slot, int64_t part) {
    int64_t begin = count * part / parts, end = count * (part + 1) / parts;
    if (begin < end) f(slot, begin, end);
  };
  if (Helping::now() || omp_in_parallel()) {
    for (int64_t part = 0; part < parts; ++part) run(0, part);
    return;
  }
#pragma omp parallel for num_threads(static_cast <int>(parts)) schedule(static, 1)
  for (int64_t part = 0; part < parts; ++part) run(omp_get_thread_num(), part);
}

// The same for what needs no memory of its own: calls f(begin, end).
template <class F>
void parallel_for(int64_t count, int64_t grain, F&& f) {
  parallel_for_slots(count, grain, [&](int, int64_t begin, int64_t end) { f(begin, end); });
}

}  // namespace lineshaft::cpu
