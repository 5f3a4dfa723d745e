// What operations keep from one call to the next: plans, primitives, packed weights. A device has one, and it is used
// by one thread at a time, as the device is: whichever thread runs a list finds what the others have made.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace lineshaft::cpu {

class Kept {
 public:
  // The one T of this device, made by its default constructor at first use.
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
