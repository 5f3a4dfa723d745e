// Counts the memory and the buffers of all sessions of one guest together, so that a guest with several connections has
// one quota. The counts lie in a page of shared memory, which the broker creates and the guest's workers share, with a
// slot for each session. A worker that an attacker controls can write there only about its own guest.
#pragma once

#include <algorithm>
#include <atomic>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "lineshaft/base/error.h"
#include "lineshaft/commands/command_list.h"
#include "platform/descriptor.h"

namespace lineshaft {

struct AccountPage {
  struct Slot {
    std::atomic<int64_t> bytes;     // of live buffers
    std::atomic<int32_t> device;    // the number of the device plus 1; 0 before it is opened
    std::atomic<uint32_t> buffers;  // number of live buffers
  };
  static constexpr uint32_t kSlots = 256;
  Slot slots[kSlots];
};

// The broker's end.
class SharedAccount {
 public:
  SharedAccount();
  const Descriptor& file() const { return file_; }
  // Takes a free slot; nothing where all are taken.
  std::optional<uint32_t> take();
  void give_back(uint32_t slot) noexcept;
  // Bytes that other sessions on the device of this session hold.
  int64_t others(uint32_t slot) const;

 private:
  Descriptor file_;
  Mapping memory_;
  std::bitset<AccountPage::kSlots> taken_;
};

// A session's slot in its guest's account. The destructor gives it back.
class AccountSlot {
 public:
  AccountSlot() = default;
  AccountSlot(std::shared_ptr<SharedAccount> account, uint32_t slot) : account_(std::move(account)), slot_(slot) {}
  AccountSlot(AccountSlot&& other) noexcept = default;
  AccountSlot& operator=(AccountSlot&& other) noexcept {
    std::swap(account_, other.account_);
    std::swap(slot_, other.slot_);
    return *this;
  }
  ~AccountSlot() {
    if (account_) account_->give_back(slot_);
  }
  uint32_t number() const { return slot_; }
  const Descriptor& file() const { return account_->file(); }
  int64_t others() const { return account_ ? account_->others(slot_) : 0; }

 private:
  std::shared_ptr<SharedAccount> account_;
  uint32_t slot_ = 0;
};

// The worker's end: how much its session may hold, and holds.
class MemoryAccount {
 public:
  // For the only session of a guest, without a shared page.
  MemoryAccount() : own_(std::make_unique<AccountPage>()), page_(own_.get()) {}
  MemoryAccount(const Descriptor& file, uint32_t slot);

  // The session has opened a device. `quota` is the bytes that all sessions of the guest may hold on it.
  void open(int device, int64_t quota);
  // Bytes that this session may hold: the quota minus the bytes that the guest's other sessions hold.
  int64_t limit() const;
  int64_t held() const { return std::max<int64_t>(mine().bytes, 0); }
  // Counts a list after which this session's live buffers take `live` bytes. Where the limit is lower, the last buffers
  // that the list creates get no memory (kNoMemory), and an error that says so is returned.
  std::optional<Error> admit(CommandList& list, int64_t live);
  // Notes that this session has `live` buffers. Throws Error(kOutOfMemory) where the guest's sessions on all devices
  // then have more than `most` together.
  void count(int64_t live, int64_t most);

 private:
  AccountPage::Slot& mine() const { return page_->slots[slot_]; }
  void forget_released(const CommandList& list);
  int64_t refuse(CommandList& list, int64_t excess);

  std::unique_ptr<AccountPage> own_;
  Mapping memory_;
  AccountPage* page_ = nullptr;
  uint32_t slot_ = 0;
  int64_t quota_ = INT64_MAX;
  std::unordered_map<uint64_t, int64_t> without_;  // live buffers without memory, and their sizes
  int64_t without_bytes_ = 0;
};

}  // namespace lineshaft
