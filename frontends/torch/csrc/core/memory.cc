#include "csrc/core/memory.h"

#include <c10/core/CachingDeviceAllocator.h>

#include <array>
#include <mutex>

#include "csrc/core/address_space.h"
#include "csrc/core/devices.h"
#include "csrc/core/error.h"
#include "csrc/core/memory_statistics.h"

namespace lineshaft::torch {
namespace {

void report(const Buffer& buffer, int64_t change) {
  if (!c10::memoryProfilingEnabled()) [[likely]]
    return;
  MemoryStatistics now = buffer.stream->statistics();
  c10::reportMemoryUsageToProfiler(buffer.address, change, now.allocated, now.reserved,
                                   c10::Device(kDeviceType, buffer.device));
}

class Allocator final : public c10::DeviceAllocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    return torch::allocate(current_device(), static_cast<int64_t>(bytes));
  }
  c10::DeleterFnPtr raw_deleter() const override { return nullptr; }  // a pointer alone is not the context
  void copy_data(void* destination, const void* source, std::size_t bytes) const override {
    if (bytes == 0) return;
    Buffer* to = find_buffer(destination);
    Buffer* from = find_buffer(source);
    require_connected(*to);
    require_connected(*from);
    auto view = [&](Buffer* buffer, const void* address) {
      return contiguous_view(buffer->id, DType::kU8, {static_cast<int64_t>(bytes)},
                             static_cast<const std::byte*>(address) - buffer->address);
    };
    TensorView inputs[] = {view(from, source)}, outputs[] = {view(to, destination)};
    translated([&] { to->stream->record(Map{identity_program(DType::kU8), inputs, outputs, {}}); });
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

void raise_disconnected(const Buffer& buffer) {
  TORCH_CHECK(false, "this tensor was on ", c10::Device(kDeviceType, buffer.device),
              " before torch.lineshaft.reconnect(); its data is lost. Load it from a checkpoint");
}

c10::Allocator* allocator() {
  return the_allocator();
}

c10::DataPtr allocate(c10::DeviceIndex device, int64_t bytes) {
  c10::Device where(kDeviceType, device);
  if (bytes == 0) return {nullptr, nullptr, &release_buffer, where};
  Stream& owner = stream(device);
  BufferId id = translated([&] { return owner.create(bytes); });
  Buffer* buffer = address_space().take(bytes);
  buffer->id = id;
  buffer->stream = &owner;
  buffer->size = bytes;
  buffer->device = device;
  report(*buffer, bytes);
  return {buffer->address, buffer, &release_buffer, where};
}

void release_buffer(void* context) {
  if (!context || !is_usable()) return;
  auto* buffer = static_cast<Buffer*>(context);
  buffer->stream->release(buffer->id);
  report(*buffer, -buffer->size);
  address_space().give_back(buffer);
}

Buffer* find_buffer(const void* address) {
  Buffer* buffer = address_space().find(address);
  TORCH_CHECK(buffer, "the address ", address, " is not memory of a lineshaft device");
  return buffer;
}

BufferId placeholder(c10::DeviceIndex device) {
  static std::mutex mutex;
  struct Made {
    Stream* stream;
    BufferId id;
  };
  static std::array<Made, 128> made{};
  Stream& now = stream(device);
  std::lock_guard lock(mutex);
  if (made[device].stream != &now) made[device] = {&now, translated([&] { return now.create(16); })};
  return made[device].id;
}

}  // namespace lineshaft::torch

namespace c10 {
REGISTER_ALLOCATOR(DeviceType::PrivateUse1, lineshaft::torch::the_allocator());
}
