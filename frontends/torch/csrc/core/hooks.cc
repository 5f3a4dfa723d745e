// What PyTorch asks an accelerator: its presence, current device, generators, pinned memory, and to resize a storage.
#include <ATen/detail/PrivateUse1HooksInterface.h>

#include "csrc/core/devices.h"
#include "csrc/core/generator.h"
#include "csrc/core/memory.h"
#include "csrc/core/pinned.h"
#include "csrc/core/storage.h"

namespace lineshaft::torch {
namespace {

class DeviceHooks final : public at::PrivateUse1HooksInterface {
 public:
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return is_available(); }
  void init() const override {}
  bool hasPrimaryContext(c10::DeviceIndex device) const override { return is_open(index_or_current(device)); }

  c10::DeviceIndex deviceCount() const override { return static_cast<c10::DeviceIndex>(device_count()); }
  c10::DeviceIndex getCurrentDevice() const override { return current_device(); }
  void setCurrentDevice(c10::DeviceIndex device) const override { set_current_device(device); }
  c10::DeviceIndex exchangeDevice(c10::DeviceIndex device) const override { return exchange_device(device); }
  c10::DeviceIndex maybeExchangeDevice(c10::DeviceIndex device) const override {
    return exchange_device(device < device_count() ? device : c10::DeviceIndex{-1});
  }

  const at::Generator& getDefaultGenerator(c10::DeviceIndex device) const override { return default_generator(device); }
  at::Generator getNewGenerator(c10::DeviceIndex device) const override {
    return at::make_generator<GeneratorImpl>(index_or_current(device));
  }

  at::Device getDeviceFromPtr(void* address) const override {
    return {kDeviceType, static_cast<c10::DeviceIndex>(find_allocation(address)->device)};
  }
  bool isPinnedPtr(const void* address) const override { return is_pinned(address); }
  c10::Allocator* getPinnedMemoryAllocator() const override { return pinned_allocator(); }
  void resizePrivateUse1Bytes(const c10::Storage& storage, size_t bytes) const override {
    resize_storage(*storage.unsafeGetStorageImpl(), static_cast<int64_t>(bytes));
  }
};

const bool hooks_registered = [] {
  static auto* hooks = new DeviceHooks;
  at::RegisterPrivateUse1HooksInterface(hooks);
  return true;
}();

}  // namespace
}  // namespace lineshaft::torch
