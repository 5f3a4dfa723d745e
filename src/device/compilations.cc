#include "device/compilations.h"

#include <atomic>

namespace lineshaft {
namespace {

std::atomic<uint64_t> count{0};

}  // namespace

uint64_t compilations() noexcept {
  return count.load(std::memory_order_relaxed);
}

void count_compilation() noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace lineshaft
