// A cache of the programs that one operator or operation builds, found by a small integer key. Each operator has a
// static cache of its own. Finding one of the first programs of a cache takes no lock.
//
//   static ProgramCache cache;
//   ProgramRef program = cache.get(key_of(input, output), [&](ProgramBuilder& p) {
//     p.output(exp(p.input(input)), output);
//   });
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <unordered_map>

#include "lineshaft/base/error.h"
#include "lineshaft/base/export.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/tensor/tensor_view.h"

namespace lineshaft {

// Packs dtypes, small enumerations and booleans into a key, 4 bits each. Throws Error(kInternal) for a part of 16 or
// more, which would collide with another key.
template <class... T>
constexpr uint64_t key_of(T... parts) {
  static_assert(sizeof...(T) <= 15);
  uint64_t key = 1;
  auto add = [&](uint64_t part) {
    if (part >= 16) fail(ErrorCode::kInternal, "a part of a program's key is ", part, "; parts are 0 to 15");
    key = key << 4 | part;
  };
  (add(static_cast<uint64_t>(parts)), ...);
  return key;
}

// The part of a key that stands for the dtype of a view, or for an absent view.
inline int dtype_or_absent(const TensorView& view) {
  static_assert(kDTypeCount <= 15);
  return view ? static_cast<int>(view.dtype) : 15;
}

// Thread-safe: where two threads build the same program at once, both get the one interned program. A cache must be a
// static variable. It owns memory that is never freed, because a stream's thread may still run operations while the
// process exits.
class LINESHAFT_EXPORT ProgramCache {
 public:
  // The program for `key`, which must not be 0. The first time, `build(builder)` builds it; what it throws is passed
  // on.
  template <class Build>
  ProgramRef get(uint64_t key, Build&& build) {
    size_t at = (key * 0x9e3779b97f4a7c15u) >> 59;
    for (size_t i = 0; i < kSlots; ++i) {
      const Slot& slot = slots_[(at + i) % kSlots];
      uint64_t stored = slot.key.load(std::memory_order_acquire);
      if (stored == key) return checked(key, slot.program, build);
      if (stored == 0) break;
    }
    if (ProgramRef known = find(key)) return checked(key, known, build);
    return insert(key, built(build));
  }

  // A check of the keys, which is slow; LINESHAFT_VALIDATE=on switches it on. From now on, every cache builds a program
  // again each time it is asked for it, and throws Error(kInternal) where the new program differs from the cached one:
  // then something on which the program depends is missing in its key.
  static void check_keys() { checks_keys_.store(true, std::memory_order_relaxed); }

 private:
  template <class Build>
  static ProgramRef built(Build&& build) {
    ProgramBuilder builder;
    build(builder);
    return builder.finish();
  }
  template <class Build>
  static ProgramRef checked(uint64_t key, ProgramRef program, Build&& build) {
    if (checks_keys_.load(std::memory_order_relaxed)) [[unlikely]]
      require_same(key, program, built(build));
    return program;
  }
  static void require_same(uint64_t key, ProgramRef kept, ProgramRef now);
  static std::atomic<bool> checks_keys_;

  static constexpr size_t kSlots = 32;
  struct Slot {
    std::atomic<uint64_t> key{0};
    ProgramRef program = nullptr;  // written before key
  };
  ProgramRef find(uint64_t key);
  ProgramRef insert(uint64_t key, ProgramRef program);

  std::array<Slot, kSlots> slots_;
  std::mutex mutex_;
  std::unordered_map<uint64_t, ProgramRef>* all_ = nullptr;  // all programs, also those without a slot; never freed
};

}  // namespace lineshaft
