#include "csrc/core/generator.h"

#include <ATen/EmptyTensor.h>
#include <ATen/Utils.h>
#include <ATen/core/Tensor.h>

#include <cstring>
#include <mutex>

#include "csrc/core/devices.h"
#include "csrc/core/error.h"

namespace lineshaft::torch {
namespace {

Draw start_of(uint64_t seed) {
  return {static_cast<int64_t>(seed), 0};
}

}  // namespace

GeneratorImpl::GeneratorImpl(c10::DeviceIndex device)
    : c10::GeneratorImpl(c10::Device(kDeviceType, device), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1)),
      state_(std::make_shared<frontend::Generator>(device, start_of(c10::default_rng_seed_val))) {}

void GeneratorImpl::set_current_seed(uint64_t seed) {
  translated([&] { frontend::set_seed(state_, seed); });
}

uint64_t GeneratorImpl::seed() {
  set_current_seed(c10::detail::getNonDeterministicRandom());
  return current_seed();
}

void GeneratorImpl::set_offset(uint64_t offset) {
  state_->set_state({state_->state().seed, static_cast<int64_t>(offset)});
}

void GeneratorImpl::set_state(const c10::TensorImpl& state) {
  at::detail::check_rng_state(state);
  TORCH_CHECK(state.numel() == sizeof(Draw), "a lineshaft generator's state has ", sizeof(Draw), " bytes; got ",
              state.numel());
  Draw given;
  std::memcpy(&given, state.data(), sizeof given);
  translated([&] { frontend::set_state(state_, given); });
}

c10::intrusive_ptr<c10::TensorImpl> GeneratorImpl::get_state() const {
  at::Tensor state(at::detail::empty_cpu({sizeof(Draw)}, c10::ScalarType::Byte));
  Draw now = translated([&] { return frontend::state_of(state_); });
  std::memcpy(state.mutable_data_ptr(), &now, sizeof now);
  return state.getIntrusivePtr();
}

GeneratorImpl* GeneratorImpl::clone_impl() const {
  auto* copy = new GeneratorImpl(device().index());
  copy->state_->set_state(state_->state());
  return copy;
}

namespace {

struct Defaults {
  std::mutex mutex;
  bool made = false;
  uint64_t seed = c10::default_rng_seed_val;
  std::vector<at::Generator> generators;
};

Defaults& defaults() {
  static auto* instance = new Defaults;
  return *instance;
}

void set_seed(at::Generator& generator, uint64_t seed) {
  std::lock_guard lock(generator.mutex());
  generator.set_current_seed(seed);
}

}  // namespace

const at::Generator& default_generator(c10::DeviceIndex device) {
  Defaults& all = defaults();
  int count = require_devices();
  std::lock_guard lock(all.mutex);
  if (!all.made) {
    all.made = true;
    for (int i = 0; i < count; ++i) {
      all.generators.push_back(at::make_generator<GeneratorImpl>(static_cast<c10::DeviceIndex>(i)));
      static_cast<GeneratorImpl*>(all.generators.back().unsafeGetGeneratorImpl())
          ->state()
          ->set_state(start_of(all.seed));
    }
  }
  device = index_or_current(device);
  TORCH_CHECK(device < static_cast<int>(all.generators.size()), "lineshaft:", int{device}, " is not there; there are ",
              all.generators.size(), " devices");
  return all.generators[device];
}

void seed_all(uint64_t seed) {
  Defaults& all = defaults();
  std::lock_guard lock(all.mutex);
  all.seed = seed;
  for (at::Generator& generator : all.generators) set_seed(generator, seed);
}

Draw reserve(const std::optional<at::Generator>& generator, c10::DeviceIndex device, int64_t count) {
  at::Generator source = generator.has_value() && generator->defined() ? *generator : default_generator(device);
  TORCH_CHECK(source.device().type() == kDeviceType, "Expected a '", c10::DeviceTypeName(kDeviceType, true),
              "' device type for generator but found '", source.device().type(), "'");
  TORCH_CHECK(source.device().index() == device, "Expected a generator of ", c10::Device(kDeviceType, device),
              ", where the tensor lies, but found one of ", source.device());
  auto* state = static_cast<GeneratorImpl*>(source.unsafeGetGeneratorImpl());
  return frontend::reserve(state->state(), count);
}

}  // namespace lineshaft::torch
