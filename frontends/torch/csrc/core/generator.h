// PyTorch's generators on the device (frontend/generator.h), and each device's own.
#pragma once

#include <ATen/core/Generator.h>
#include <c10/core/GeneratorImpl.h>

#include <lineshaft/frontend/generator.h>

namespace lineshaft::torch {

using frontend::Draw;

class GeneratorImpl final : public c10::GeneratorImpl {
 public:
  explicit GeneratorImpl(c10::DeviceIndex device);
  static c10::DeviceType device_type() { return c10::DeviceType::PrivateUse1; }

  const frontend::GeneratorRef& state() const { return state_; }
  void set_current_seed(uint64_t seed) override;
  uint64_t current_seed() const override { return static_cast<uint64_t>(state_->state().seed); }
  uint64_t seed() override;
  void set_offset(uint64_t offset) override;
  uint64_t get_offset() const override { return static_cast<uint64_t>(state_->state().offset); }
  void set_state(const c10::TensorImpl& state) override;
  c10::intrusive_ptr<c10::TensorImpl> get_state() const override;

 private:
  GeneratorImpl* clone_impl() const override;
  frontend::GeneratorRef state_;
};

const at::Generator& default_generator(c10::DeviceIndex device);

// Seeds the devices' own generators; before devices are enumerated, the ones to come.
void seed_all(uint64_t seed);

// `count` counters of the given generator, or of the device's own.
Draw reserve(const std::optional<at::Generator>& generator, c10::DeviceIndex device, int64_t count);

}  // namespace lineshaft::torch
