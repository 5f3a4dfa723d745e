#include "csrc/core/generator.h"

#include <ATen/EmptyTensor.h>
#include <ATen/Utils.h>
#include <ATen/core/Tensor.h>

#include <cstring>

#include "csrc/core/devices.h"
#include "csrc/core/graph.h"

namespace lineshaft::torch {

GeneratorImpl::GeneratorImpl(c10::DeviceIndex device)
    : c10::GeneratorImpl(c10::Device(kDeviceType, device), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1)) {}

void GeneratorImpl::start_from(uint64_t seed) {
  seed_ = seed;
  offset_ = 0;
}

void GeneratorImpl::set_current_seed(uint64_t seed) {
  require_no_capture(*this);
  start_from(seed);
}

uint64_t GeneratorImpl::seed() {
  set_current_seed(c10::detail::getNonDeterministicRandom());
  return seed_;
}

void GeneratorImpl::set_state(const c10::TensorImpl& state) {
  at::detail::check_rng_state(state);
  TORCH_CHECK(state.numel() == 2 * sizeof(uint64_t), "a lineshaft generator's state has ", 2 * sizeof(uint64_t),
              " bytes; got ", state.numel());
  const auto* bytes = static_cast<const std::byte*>(state.data());
  Draw given;
  std::memcpy(&given.seed, bytes, sizeof given.seed);
  std::memcpy(&given.offset, bytes + sizeof given.seed, sizeof given.offset);
  if (set_capture_state(*this, given)) return;
  seed_ = static_cast<uint64_t>(given.seed);
  offset_ = static_cast<uint64_t>(given.offset);
}

c10::intrusive_ptr<c10::TensorImpl> GeneratorImpl::get_state() const {
  at::Tensor state(at::detail::empty_cpu({2 * sizeof(uint64_t)}, c10::ScalarType::Byte));
  Draw now = capture_state(*this).value_or(Draw{static_cast<int64_t>(seed_), static_cast<int64_t>(offset_)});
  auto* bytes = static_cast<std::byte*>(state.mutable_data_ptr());
  std::memcpy(bytes, &now.seed, sizeof now.seed);
  std::memcpy(bytes + sizeof now.seed, &now.offset, sizeof now.offset);
  return state.getIntrusivePtr();
}

GeneratorImpl* GeneratorImpl::clone_impl() const {
  auto* copy = new GeneratorImpl(device().index());
  copy->seed_ = seed_;
  copy->offset_ = offset_;
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
      static_cast<GeneratorImpl*>(all.generators.back().unsafeGetGeneratorImpl())->start_from(all.seed);
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
  if (auto draw = capture_draw(source, count)) return *draw;
  std::lock_guard lock(source.mutex());
  auto* state = static_cast<GeneratorImpl*>(source.unsafeGetGeneratorImpl());
  Draw draw{static_cast<int64_t>(state->current_seed()), static_cast<int64_t>(state->get_offset())};
  state->set_offset(state->get_offset() + static_cast<uint64_t>(count));
  return draw;
}

}  // namespace lineshaft::torch
