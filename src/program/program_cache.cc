#include "program/program_cache.h"

namespace lineshaft {

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
