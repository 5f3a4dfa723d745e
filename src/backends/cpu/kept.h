// Objects that operations keep from one call to the next: plans, primitives, packed weights. Each device has one Kept.
// Like the device, it is used by one thread at a time, but not always by the same thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace lineshaft::cpu {

class Kept {
 public:
  // The one T of this device, which is default-constructed at the first call.
  template <class T>
  T& get() {
    static const size_t slot = next_slot_++;
    if (slot >= kept_.size()) kept_.resize(slot + 1);
    if (!kept_[slot]) kept_[slot] = std::make_shared<T>();
    return *static_cast<T*>(kept_[slot].get());
  }

 private:
  inline static std::atomic<size_t> next_slot_{0};
  std::vector<std::shared_ptr<void>> kept_;
};

}  // namespace lineshaft::cpu
