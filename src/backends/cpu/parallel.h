// The process's one compute pool: OpenMP's, which oneDNN uses too.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstdint>

#include "stream/helping.h"

namespace lineshaft::cpu {

int thread_count();  // LINESHAFT_THREADS, else OMP_NUM_THREADS, else the cores this process may use

// Calls f(begin, end) on disjoint parts of 0..count, each of at least `grain` items where there are several. Which part
// an item falls into depends on count, grain and thread_count() only, also where one thread does all parts. Exceptions
// must not leave f.
template <class F>
void parallel_for(int64_t count, int64_t grain, F&& f) {
  if (count <= 0) return;
  int64_t parts = std::min<int64_t>(thread_count(), (count + grain - 1) / std::max<int64_t>(grain, 1));
  if (parts <= 1) return f(int64_t{0}, count);
  auto run = [&](int64_t part) {
    int64_t begin = count * part / parts, end = count * (part + 1) / parts;
    if (begin < end) f(begin, end);
  };
  if (Helping::now()) {
    for (int64_t part = 0; part < parts; ++part) run(part);
    return;
  }
#pragma omp parallel for num_threads(static_cast <int>(parts)) schedule(static, 1)
  for (int64_t part = 0; part < parts; ++part) run(part);
}

}  // namespace lineshaft::cpu
