#include "server/memory_account.h"

#include <algorithm>
#include <unordered_set>

#include "commands/no_memory.h"

namespace lineshaft {
namespace {

// The page may hold anything that a worker of the same guest has written.
int64_t sum_of_others(const AccountPage& page, uint32_t slot) {
  int32_t device = page.slots[slot].device;
  int64_t sum = 0;
  for (uint32_t i = 0; i < AccountPage::kSlots; ++i) {
    if (i == slot || page.slots[i].device != device) continue;
    int64_t bytes = std::max<int64_t>(page.slots[i].bytes, 0);
    sum = bytes > INT64_MAX - sum ? INT64_MAX : sum + bytes;
  }
  return sum;
}

}  // namespace

SharedAccount::SharedAccount()
    : file_(make_shared_memory("lineshaft account", sizeof(AccountPage))), memory_(file_, sizeof(AccountPage)) {}

std::optional<uint32_t> SharedAccount::take() {
  for (uint32_t slot = 0; slot < AccountPage::kSlots; ++slot)
    if (!taken_[slot]) {
      taken_[slot] = true;
      return slot;
    }
  return std::nullopt;
}

void SharedAccount::give_back(uint32_t slot) noexcept {
  AccountPage::Slot& left = reinterpret_cast<AccountPage*>(memory_.bytes().data())->slots[slot];
  left.bytes = 0;
  left.buffers = 0;
  left.device = 0;
  taken_[slot] = false;
}

int64_t SharedAccount::others(uint32_t slot) const {
  return sum_of_others(*reinterpret_cast<const AccountPage*>(memory_.bytes().data()), slot);
}

MemoryAccount::MemoryAccount(const Descriptor& file, uint32_t slot)
    : memory_(file, sizeof(AccountPage)),
      page_(reinterpret_cast<AccountPage*>(memory_.bytes().data())),
      slot_(slot % AccountPage::kSlots) {}

void MemoryAccount::open(int device, int64_t quota) {
  quota_ = quota;
  mine().device = device + 1;
}

int64_t MemoryAccount::limit() const {
  return std::max<int64_t>(quota_ - sum_of_others(*page_, slot_), 0);
}

std::optional<Error> MemoryAccount::admit(CommandList& list, int64_t live) {
  if (!without_.empty()) forget_released(list);
  int64_t before = held(), wanted = live - without_bytes_;
  mine().bytes = wanted;  // before the look at the others: of two that take the last bytes at once, one sees the other
  int64_t limit = this->limit();
  if (wanted <= limit || wanted <= before) return std::nullopt;
  int64_t refused = refuse(list, wanted - limit);
  mine().bytes = wanted - refused;
  return Error(
      ErrorCode::kOutOfMemory,
      concat(wanted - before, " bytes are asked for, ", before, " are held by this session and ", quota_ - limit,
             " by others of the same guest; their quota is ", quota_, "; release tensors, or ask for a larger quota"));
}

void MemoryAccount::count(int64_t live, int64_t most) {
  mine().buffers = static_cast<uint32_t>(std::min<int64_t>(live, UINT32_MAX));
  int64_t sum = 0;
  for (const AccountPage::Slot& slot : page_->slots) sum += slot.buffers;
  if (sum > most)
    fail(ErrorCode::kOutOfMemory, "the guest's sessions have ", sum, " live buffers together, ", live,
         " of them in this one; the limit is ", most, "; release tensors, or run fewer programs at once");
}

void MemoryAccount::forget_released(const CommandList& list) {
  for (const Command& command : list.commands) {
    if (command.kind != CommandKind::kRelease) continue;
    auto found = without_.find(command.buffer.value);
    if (found == without_.end()) continue;
    without_bytes_ -= found->second;
    without_.erase(found);
  }
}

int64_t MemoryAccount::refuse(CommandList& list, int64_t excess) {
  std::unordered_set<uint64_t> released;
  for (const Command& command : list.commands)
    if (command.kind == CommandKind::kRelease) released.insert(command.buffer.value);
  int64_t refused = 0;
  for (auto command = list.commands.rbegin(); command != list.commands.rend() && refused < excess; ++command) {
    if (command->kind != CommandKind::kCreate || released.contains(command->buffer.value)) continue;
    without_.emplace(command->buffer.value, command->size);
    refused += std::exchange(command->size, kNoMemory);
  }
  without_bytes_ += refused;
  return refused;
}

}  // namespace lineshaft
