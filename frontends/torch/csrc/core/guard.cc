// Devices, streams and events for PyTorch's generic code. A device has one order of execution: all its streams are that
// one, told apart by number only.
#include <c10/core/DeviceCapability.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <atomic>
#include <thread>

#include "csrc/core/devices.h"
#include "csrc/core/dtype.h"
#include "csrc/core/error.h"
#include "csrc/core/exit.h"

namespace lineshaft::torch {
namespace {

using PlainStream = c10::Stream;
thread_local c10::StreamId current_stream[kDeviceNumbers] = {};

struct RecordedEvent {
  Event event;
  c10::DeviceIndex device = 0;
};

class Guard final : public c10::impl::DeviceGuardImplInterface {
 public:
  c10::DeviceType type() const override { return kDeviceType; }
  c10::DeviceIndex deviceCount() const noexcept override { return static_cast<c10::DeviceIndex>(device_count()); }
  c10::Device getDevice() const override { return {kDeviceType, current_device()}; }
  c10::Device exchangeDevice(c10::Device device) const override {
    return {kDeviceType, exchange_device(device.index())};
  }
  void setDevice(c10::Device device) const override {
    note_thread(device.index());
    if (device.index() >= 0) set_current_device(device.index());
  }
  void uncheckedSetDevice(c10::Device device) const noexcept override { exchange_device(device.index()); }
  c10::DeviceCapability getDeviceCapability(c10::Device) const override;

  PlainStream getStream(c10::Device device) const override {
    auto index = index_or_current(device.index());
    return PlainStream(PlainStream::UNSAFE, {kDeviceType, index}, current_stream[index]);
  }
  PlainStream getDefaultStream(c10::Device device) const override {
    return PlainStream(PlainStream::DEFAULT, {kDeviceType, index_or_current(device.index())});
  }
  PlainStream getNewStream(c10::Device device, int) const override {
    static std::atomic<c10::StreamId> next{1};
    return PlainStream(PlainStream::UNSAFE, {kDeviceType, index_or_current(device.index())}, next++);
  }
  PlainStream getStreamFromGlobalPool(c10::Device device, bool high_priority) const override {
    return getNewStream(device, high_priority ? -1 : 0);
  }
  PlainStream exchangeStream(PlainStream stream) const override {
    PlainStream previous = getStream(stream.device());
    current_stream[stream.device_index()] = stream.id();
    return previous;
  }
  void* getStreamNativeHandle(const PlainStream stream) const override { return &torch::stream(stream.device_index()); }
  bool queryStream(const PlainStream& stream) const override {
    return !is_open(stream.device_index()) || torch::stream(stream.device_index()).idle();
  }
  // Not marked as an override: PyTorch's oldest supported releases may have none.
  bool isStreamCapturing(const PlainStream& stream) const {
    return is_open(stream.device_index()) && torch::stream(stream.device_index()).capturing();
  }
  void synchronizeStream(const PlainStream& stream) const override { synchronizeDevice(stream.device_index()); }
  void synchronizeDevice(const c10::DeviceIndex device) const override {
    auto index = index_or_current(device);
    require_number(index);
    if (is_open(index)) translated([&] { torch::stream(index).wait(); });
  }
  void recordDataPtrOnStream(const c10::DataPtr&, const PlainStream&) const override {}

  void record(void** event, const PlainStream& stream, const c10::DeviceIndex, const c10::EventFlag) const override {
    if (!*event) *event = new RecordedEvent;
    auto* recorded = static_cast<RecordedEvent*>(*event);
    recorded->device = stream.device_index();
    translated([&] { recorded->event = torch::stream(recorded->device).record_event(); });
  }
  void block(void* event, const PlainStream& stream) const override {
    auto* recorded = static_cast<RecordedEvent*>(event);
    if (recorded && recorded->device != stream.device_index()) synchronizeEvent(event);
  }
  bool queryEvent(void* event) const override {
    auto* recorded = static_cast<RecordedEvent*>(event);
    return !recorded || !is_open(recorded->device) || torch::stream(recorded->device).query(recorded->event);
  }
  void synchronizeEvent(void* event) const override {
    auto* recorded = static_cast<RecordedEvent*>(event);
    if (recorded && is_open(recorded->device))
      translated([&] { torch::stream(recorded->device).wait(recorded->event); });
  }
  double elapsedTime(void* start, void* end, const c10::DeviceIndex) const override {
    TORCH_CHECK(start && end, "Both events must be recorded before calculating elapsed time.");
    return translated([&] {
      return lineshaft::Stream::elapsed_ms(static_cast<RecordedEvent*>(start)->event,
                                           static_cast<RecordedEvent*>(end)->event);
    });
  }
  void destroyEvent(void* event, const c10::DeviceIndex) const noexcept override {
    delete static_cast<RecordedEvent*>(event);
  }
};

c10::DeviceCapability Guard::getDeviceCapability(c10::Device) const {
  c10::DeviceCapability capability;
  capability.capability_data.capability_bits = 0;
  auto& has = capability.capability_data.supported_scalar_types;
  has.has_Double = has.has_Float = has.has_Half = has.has_BFloat16 = 1;
  has.has_Long = has.has_Int = has.has_Short = has.has_Char = has.has_Byte = has.has_Bool = 1;
  return capability;
}

C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard);

}  // namespace
}  // namespace lineshaft::torch
