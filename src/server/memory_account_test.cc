#include "server/memory_account.h"

#include <gtest/gtest.h>

#include "commands/no_memory.h"
#include "support/expected_error.h"

namespace lineshaft {
namespace {

constexpr int64_t kQuota = 1000;

CommandList creating(std::initializer_list<std::pair<uint32_t, int64_t>> buffers) {
  CommandList list;
  for (auto [slot, size] : buffers)
    list.commands.push_back({.kind = CommandKind::kCreate, .buffer = BufferId::make(slot, 1), .size = size});
  return list;
}

CommandList releasing(uint32_t slot) {
  CommandList list;
  list.commands.push_back({.kind = CommandKind::kRelease, .buffer = BufferId::make(slot, 1)});
  return list;
}

struct Sessions {
  std::shared_ptr<SharedAccount> account = std::make_shared<SharedAccount>();
  AccountSlot first_slot{account, account->take().value()}, second_slot{account, account->take().value()};
  MemoryAccount first{account->file(), first_slot.number()}, second{account->file(), second_slot.number()};
  Sessions() {
    first.open(0, kQuota);
    second.open(0, kQuota);
  }
};

TEST(MemoryAccount, WhatOneSessionHoldsTheOthersCannotHave) {
  Sessions s;
  CommandList list = creating({{1, 700}});
  EXPECT_FALSE(s.first.admit(list, 700));
  EXPECT_EQ(s.second.limit(), 300);
  EXPECT_EQ(s.first.limit(), kQuota);
  EXPECT_EQ(s.second_slot.others(), 700);
  list = creating({{1, 300}});
  EXPECT_FALSE(s.second.admit(list, 300));
  EXPECT_EQ(list.commands[0].size, 300);
}

TEST(MemoryAccount, TheLastCreationsGetNoMemoryUntilTheyAreReleased) {
  Sessions s;
  CommandList list = creating({{1, 700}});
  s.first.admit(list, 700);
  list = creating({{1, 200}, {2, 150}, {3, 50}});
  auto error = s.second.admit(list, 400);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::kOutOfMemory);
  EXPECT_EQ(list.commands[0].size, 200);
  EXPECT_EQ(list.commands[1].size, kNoMemory);
  EXPECT_EQ(list.commands[2].size, kNoMemory);
  EXPECT_EQ(s.second.held(), 200);
  list = releasing(2);
  EXPECT_FALSE(s.second.admit(list, 250));
  EXPECT_EQ(s.second.held(), 200);
  list = releasing(1);
  EXPECT_FALSE(s.second.admit(list, 50));
  EXPECT_EQ(s.second.held(), 0);
}

// Created and released in one list: fusion moves them, and the end of the list is what counts.
TEST(MemoryAccount, WhatDoesNotOutliveTheListIsNotCounted) {
  Sessions s;
  CommandList list = creating({{1, 900}});
  s.first.admit(list, 900);
  list = creating({{1, 500}, {2, 200}});
  list.commands.push_back(releasing(1).commands[0]);
  EXPECT_TRUE(s.second.admit(list, 200));
  EXPECT_EQ(list.commands[0].size, 500);
  EXPECT_EQ(list.commands[1].size, kNoMemory);
}

TEST(MemoryAccount, DevicesAreCountedApart) {
  Sessions s;
  s.second.open(1, kQuota);
  CommandList list = creating({{1, kQuota}});
  EXPECT_FALSE(s.first.admit(list, kQuota));
  EXPECT_EQ(s.second.limit(), kQuota);
}

TEST(MemoryAccount, BuffersAreCountedOverAllSessionsAndDevices) {
  Sessions s;
  s.second.open(1, kQuota);
  s.first.count(60, 100);
  s.second.count(40, 100);
  expect_whole_error(
      ErrorCode::kOutOfMemory,
      "the guest's sessions have 101 live buffers together, 41 of them in this one; the limit is 100; release tensors, "
      "or run fewer programs at once",
      [&] { s.second.count(41, 100); });
  s.first.count(59, 100);
  s.second.count(41, 100);
}

TEST(MemoryAccount, AnEndedSessionLeavesNothing) {
  Sessions s;
  CommandList list = creating({{1, kQuota}});
  s.first.admit(list, kQuota);
  uint32_t slot = s.first_slot.number();
  s.first_slot = AccountSlot();
  EXPECT_EQ(s.second.limit(), kQuota);
  EXPECT_EQ(s.account->take(), slot);
}

TEST(MemoryAccount, NonsenseInASiblingsSlotIsNoCredit) {
  Sessions s;
  CommandList list;
  s.first.admit(list, -500);
  EXPECT_EQ(s.second.limit(), kQuota);
  s.first.admit(list, INT64_MAX);
  EXPECT_EQ(s.second.limit(), 0);
}

TEST(MemoryAccount, SlotsAreBounded) {
  SharedAccount account;
  for (uint32_t i = 0; i < AccountPage::kSlots; ++i) EXPECT_EQ(account.take(), i);
  EXPECT_FALSE(account.take());
}

}  // namespace
}  // namespace lineshaft
