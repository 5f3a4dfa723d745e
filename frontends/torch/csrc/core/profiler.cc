// Times for PyTorch's profiler: events of the stream.
#include <c10/util/ApproximateClock.h>
#include <torch/csrc/profiler/stubs/base.h>

#include "csrc/core/devices.h"
#include "csrc/core/error.h"

namespace lineshaft::torch {
namespace {

using ::torch::profiler::impl::ProfilerVoidEventStub;

class Stubs final : public ::torch::profiler::impl::ProfilerStubs {
 public:
  void record(c10::DeviceIndex* device, ProfilerVoidEventStub* event, int64_t* cpu_nanoseconds) const override {
    if (device) *device = current_device();
    auto recorded = translated([&] { return std::make_shared<Event>(stream(current_device()).record_event()); });
    *event = std::static_pointer_cast<void>(recorded);
    if (cpu_nanoseconds) *cpu_nanoseconds = c10::getTime();
  }
  float elapsed(const ProfilerVoidEventStub* start, const ProfilerVoidEventStub* end) const override {
    const Event& from = *static_cast<const Event*>(start->get());
    const Event& to = *static_cast<const Event*>(end->get());
    return translated([&] {
      stream(current_device()).wait(to);
      return static_cast<float>(Stream::elapsed_ms(from, to) * 1e3);
    });
  }
  void mark(const char*) const override {}
  void rangePush(const char*) const override {}
  void rangePop() const override {}
  bool enabled() const override { return device_count() > 0; }
  void onEachDevice(std::function<void(int)> visit) const override {
    for (int i = 0; i < device_count(); ++i)
      if (is_open(i)) visit(i);
  }
  void synchronize() const override {
    if (is_open(current_device())) translated([&] { stream(current_device()).wait(); });
  }
};

const bool profiler_registered = [] {
  static auto* stubs = new Stubs;
  ::torch::profiler::impl::registerPrivateUse1Methods(stubs);
  return true;
}();

}  // namespace
}  // namespace lineshaft::torch
