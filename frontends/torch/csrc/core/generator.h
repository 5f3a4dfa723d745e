// Random number generators: a Philox key and a counter. Every operator that draws reserves its counters when recorded.
#pragma once

#include <ATen/core/Generator.h>
#include <c10/core/GeneratorImpl.h>

#include <mutex>

namespace lineshaft::torch {

class GeneratorImpl final : public c10::GeneratorImpl {
 public:
  explicit GeneratorImpl(c10::DeviceIndex device);
  static c10::DeviceType device_type() { return c10::DeviceType::PrivateUse1; }

  void start_from(uint64_t seed);  // for one that nobody has yet
  void set_current_seed(uint64_t seed) override;
  uint64_t current_seed() const override { return seed_; }
  uint64_t seed() override;
  void set_offset(uint64_t offset) override { offset_ = offset; }
  uint64_t get_offset() const override { return offset_; }
  void set_state(const c10::TensorImpl& state) override;
  c10::intrusive_ptr<c10::TensorImpl> get_state() const override;

 private:
  GeneratorImpl* clone_impl() const override;
  uint64_t seed_ = c10::default_rng_seed_val;
  uint64_t offset_ = 0;
};

const at::Generator& default_generator(c10::DeviceIndex device);

// Seeds the devices' own generators; before devices are enumerated, the ones to come.
void seed_all(uint64_t seed);

struct Draw {
  int64_t seed;
  int64_t offset;  // of the first counter; element i uses offset + i
};

// `count` counters of the given generator, or of the device's own.
Draw reserve(const std::optional<at::Generator>& generator, c10::DeviceIndex device, int64_t count);

}  // namespace lineshaft::torch
