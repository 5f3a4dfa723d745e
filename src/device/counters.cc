#include "lineshaft/device/counters.h"

#include <atomic>

namespace lineshaft {
namespace {

std::atomic<uint64_t> compiled{0}, ran_on_host{0};

}  // namespace

uint64_t compilations() noexcept {
  return compiled.load(std::memory_order_relaxed);
}

uint64_t host_operations() noexcept {
  return ran_on_host.load(std::memory_order_relaxed);
}

void count_compilation() noexcept {
  compiled.fetch_add(1, std::memory_order_relaxed);
}

void count_host_operation() noexcept {
  ran_on_host.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace lineshaft
