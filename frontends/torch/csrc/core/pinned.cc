#include "csrc/core/pinned.h"

#include <ATen/core/CachingHostAllocator.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

namespace lineshaft::torch {
namespace {

constexpr size_t kPage = 4096;

struct Blocks {
  std::mutex mutex;
  std::map<const std::byte*, size_t> by_address;
  size_t bytes = 0, peak = 0, total = 0;
};
Blocks& blocks() {
  static auto* made = new Blocks;
  return *made;
}

void release(void* address) {
  if (!address) return;
  Blocks& all = blocks();
  {
    std::lock_guard lock(all.mutex);
    auto found = all.by_address.find(static_cast<std::byte*>(address));
    all.bytes -= found->second;
    all.by_address.erase(found);
  }
  std::free(address);
}

class HostAllocator final : public at::HostAllocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    if (bytes == 0) return {nullptr, nullptr, &release, c10::Device(c10::DeviceType::CPU)};
    size_t size = (bytes + kPage - 1) / kPage * kPage;
    void* address = std::aligned_alloc(kPage, size);
    TORCH_CHECK_WITH(OutOfMemoryError, address, "the host has no ", bytes, " bytes for pinned memory");
    Blocks& all = blocks();
    std::lock_guard lock(all.mutex);
    all.by_address[static_cast<std::byte*>(address)] = size;
    all.bytes += size;
    all.total += size;
    all.peak = std::max(all.peak, all.bytes);
    return {address, address, &release, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* destination, const void* source, std::size_t bytes) const override {
    std::memcpy(destination, source, bytes);
  }
  bool record_event(void*, void*, c10::Stream) override { return true; }  // copies leave host memory before they return
  void empty_cache() override {}
  at::HostStats get_stats() override {
    Blocks& all = blocks();
    std::lock_guard lock(all.mutex);
    at::HostStats stats;
    stats.allocated_bytes.current = stats.active_bytes.current = static_cast<int64_t>(all.bytes);
    stats.allocated_bytes.peak = stats.active_bytes.peak = static_cast<int64_t>(all.peak);
    stats.allocated_bytes.allocated = stats.active_bytes.allocated = static_cast<int64_t>(all.total);
    return stats;
  }
  void reset_accumulated_stats() override {}
  void reset_peak_stats() override {
    Blocks& all = blocks();
    std::lock_guard lock(all.mutex);
    all.peak = all.bytes;
  }
};

HostAllocator* host_allocator() {
  static auto* instance = new HostAllocator;
  return instance;
}

}  // namespace

bool is_pinned(const void* address) {
  Blocks& all = blocks();
  std::lock_guard lock(all.mutex);
  auto* at = static_cast<const std::byte*>(address);
  auto after = all.by_address.upper_bound(at);
  if (after == all.by_address.begin()) return false;
  auto block = std::prev(after);
  return at < block->first + block->second;
}

c10::Allocator* pinned_allocator() {
  return host_allocator();
}

}  // namespace lineshaft::torch

namespace at {
REGISTER_HOST_ALLOCATOR(at::kPrivateUse1, lineshaft::torch::host_allocator());
}
