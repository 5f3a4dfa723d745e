// The process's compute pool, which is OpenMP's; oneDNN uses it, too.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstdint>

#include "stream/helping.h"

namespace lineshaft::cpu {

int thread_count();  // LINESHAFT_THREADS, else OMP_NUM_THREADS, else the cores this process may use

// Calls f(slot, begin, end) on disjoint parts of 0..count, each of at least about `grain` items where there are
// several. The division into parts depends only on count, grain and thread_count(), even where one thread runs all
// parts (inside another parallel loop, and while Helping::now()). Parts that run at the same time have different slots
// below thread_count(), so that a slot can have memory of its own; a thread that runs all parts has slot 0. f must not
// throw.
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

// The same without slots: calls f(begin, end).
template <class F>
void parallel_for(int64_t count, int64_t grain, F&& f) {
  parallel_for_slots(count, grain, [&](int, int64_t begin, int64_t end) { f(begin, end); });
}

}  // namespace lineshaft::cpu
