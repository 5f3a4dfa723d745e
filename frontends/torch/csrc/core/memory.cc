#include "csrc/core/memory.h"

#include <c10/core/CachingDeviceAllocator.h>

#include "csrc/core/error.h"
#include "csrc/core/memory_statistics.h"

namespace lineshaft::torch {
namespace {

void report(const Allocation& allocation, int64_t change) {
  if (!c10::memoryProfilingEnabled()) [[likely]]
    return;
  MemoryStatistics now = allocation.stream->statistics();
  c10::reportMemoryUsageToProfiler(allocation.address, change, now.allocated, now.reserved,
                                   c10::Device(kDeviceType, static_cast<c10::DeviceIndex>(allocation.device)));
}

class Allocator final : public c10::DeviceAllocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    return torch::allocate(current_device(), static_cast<int64_t>(bytes));
  }
  c10::DeleterFnPtr raw_deleter() const override { return nullptr; }  // a pointer alone is not the context
  void copy_data(void* destination, const void* source, std::size_t bytes) const override {
    if (bytes == 0) return;
    Allocation* to = find_allocation(destination);
    Allocation* from = find_allocation(source);
    require_connected(*to);
    require_connected(*from);
    translated([&] { frontend::copy_bytes(destination, source, static_cast<int64_t>(bytes)); });
  }
  bool initialized() override { return device_count() > 0; }
  void emptyCache(c10::MempoolId_t) override {
    for (int i = 0; i < device_count(); ++i)
      if (is_open(i)) translated([&] { stream(i).trim(); });
  }
  void recordStream(const c10::DataPtr&, c10::Stream) override {}  // a device has one order of execution
  c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex device) override {
    return memory_statistics(device);
  }
  void resetAccumulatedStats(c10::DeviceIndex device) override { reset_accumulated_statistics(device); }
  void resetPeakStats(c10::DeviceIndex device) override { reset_peak_statistics(device); }
  std::pair<size_t, size_t> getMemoryInfo(c10::DeviceIndex device) override { return memory_info(device); }
};

Allocator* the_allocator() {
  static auto* instance = new Allocator;
  return instance;
}

}  // namespace

void raise_disconnected(const Allocation& allocation) {
  stream(static_cast<c10::DeviceIndex>(allocation.device));  // throws where no device can be used any more
  TORCH_CHECK(false, "this tensor was on lineshaft:", allocation.device,
              " before torch.lineshaft.reconnect(); its data is lost. Load it from a checkpoint");
}

c10::Allocator* allocator() {
  return the_allocator();
}

c10::DataPtr allocate(c10::DeviceIndex device, int64_t bytes) {
  c10::Device where(kDeviceType, device);
  if (bytes == 0) return {nullptr, nullptr, &release_allocation, where};
  if (device < 0) [[unlikely]]
    stream(device);  // throws in PyTorch's words: none of an operator's tensors lies on the device
  Allocation* allocation = translated([&] { return frontend::allocate(device, bytes); });
  report(*allocation, bytes);
  return {allocation->address, allocation, &release_allocation, where};
}

void release_allocation(void* context) {
  if (!context || !is_usable()) return;
  auto* allocation = static_cast<Allocation*>(context);
  Allocation ended = *allocation;  // another thread may be given the record
  frontend::release(allocation);
  report(ended, -ended.size);
}

Allocation* find_allocation(const void* address) {
  return translated([&] { return frontend::find_allocation(address); });
}

}  // namespace lineshaft::torch

namespace c10 {
REGISTER_ALLOCATOR(DeviceType::PrivateUse1, lineshaft::torch::the_allocator());
}
