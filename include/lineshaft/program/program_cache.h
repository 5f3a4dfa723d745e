// Programs that an operator or an operation builds for itself, by a small integer key: one cache for each of them.
// Looking a program up takes no lock and makes no string.
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

// Packs dtypes, small enumerations and booleans into a key. A part of 16 or more would pass for another key's: it
// throws Error(kInternal).
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

// A part of a key for a view that may be absent.
inline int dtype_or_absent(const TensorView& view) {
  static_assert(kDTypeCount <= 15);
  return view ? static_cast<int>(view.dtype) : 15;
}

// Any thread may use it at any time; a program that two threads build at once is one program, as programs are interned.
// A cache is static, and nothing of it is destroyed: a stream's thread may still run operations while the process
// exits.
class LINESHAFT_EXPORT ProgramCache {
 public:
  // The program for `key`, which is not 0; `build(builder)` makes it the first time.
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

  // From now on every cache builds a program that it has once more when it is asked for it, and throws
  // Error(kInternal) where that is another one: something on which the program depends is not in its key. Slow; where
  // operations are validated (LINESHAFT_VALIDATE=on).
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
  std::unordered_map<uint64_t, ProgramRef>* all_ = nullptr;  // with what finds no slot; never freed
};

}  // namespace lineshaft
