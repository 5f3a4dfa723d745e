#include "lineshaft/program/program_cache.h"

namespace lineshaft {

std::atomic<bool> ProgramCache::checks_keys_{false};

void ProgramCache::require_same(uint64_t key, ProgramRef kept, ProgramRef now) {
  if (kept == now) return;
  fail(ErrorCode::kInternal, "two programs have the key ", key, ", which lacks something that tells them apart:\n",
       to_string(*kept), "and\n", to_string(*now));
}

ProgramRef ProgramCache::find(uint64_t key) {
  std::lock_guard lock(mutex_);
  if (!all_) return nullptr;
  auto found = all_->find(key);
  return found == all_->end() ? nullptr : found->second;
}

ProgramRef ProgramCache::insert(uint64_t key, ProgramRef program) {
  std::lock_guard lock(mutex_);
  if (!all_) all_ = new std::unordered_map<uint64_t, ProgramRef>;
  if (!all_->emplace(key, program).second) return program;
  size_t at = (key * 0x9e3779b97f4a7c15u) >> 59;
  for (size_t i = 0; i < kSlots; ++i) {
    Slot& slot = slots_[(at + i) % kSlots];
    if (slot.key.load(std::memory_order_relaxed) != 0) continue;
    slot.program = program;
    slot.key.store(key, std::memory_order_release);
    break;
  }
  return program;
}

}  // namespace lineshaft
