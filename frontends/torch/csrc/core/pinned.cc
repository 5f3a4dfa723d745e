#include "csrc/core/pinned.h"

#include <ATen/core/CachingHostAllocator.h>

#include <cstring>

#include "csrc/core/error.h"
#include <lineshaft/frontend/pinned_blocks.h>

namespace lineshaft::torch {
namespace {

void release(void* block) {
  frontend::free_pinned(block);
}

class HostAllocator final : public at::HostAllocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    void* block = translated([&] { return frontend::allocate_pinned(static_cast<int64_t>(bytes)); });
    return {block, block, &release, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* destination, const void* source, std::size_t bytes) const override {
    std::memcpy(destination, source, bytes);
  }
  bool record_event(void*, void*, c10::Stream) override { return true; }  // copies leave host memory before they return
  void empty_cache() override {}
  at::HostStats get_stats() override {
    frontend::PinnedStatistics pinned = frontend::pinned_statistics();
    at::HostStats stats;
    stats.allocated_bytes.current = stats.active_bytes.current = pinned.bytes;
    stats.allocated_bytes.peak = stats.active_bytes.peak = pinned.peak;
    stats.allocated_bytes.allocated = stats.active_bytes.allocated = pinned.total;
    return stats;
  }
  void reset_accumulated_stats() override {}
  void reset_peak_stats() override { frontend::reset_pinned_peak(); }
};

HostAllocator* host_allocator() {
  static auto* instance = new HostAllocator;
  return instance;
}

}  // namespace

c10::Allocator* pinned_allocator() {
  return host_allocator();
}

}  // namespace lineshaft::torch

namespace at {
REGISTER_HOST_ALLOCATOR(at::kPrivateUse1, lineshaft::torch::host_allocator());
}
