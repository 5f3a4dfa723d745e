// Guests that all want one device get equal parts of it, whatever each submits.
#include <gtest/gtest.h>

#include <map>

#include "server/guest.h"
#include "server/server.h"

namespace lineshaft::tests {
namespace {

// What each session got, once the busiest has run `operations` more than when all were at work.
std::map<uint64_t, double> work_of(Server& server, size_t guests, uint64_t operations) {
  std::map<uint64_t, uint64_t> before;
  EXPECT_TRUE(eventually([&] {
    auto open = server.open_sessions();
    size_t working = 0;
    for (const SessionStatus& each : open) working += each.operations > 20;
    return working == guests;
  }));
  for (const SessionStatus& each : server.open_sessions()) before[each.number] = each.operations;
  std::map<uint64_t, double> work;
  EXPECT_TRUE(eventually([&] {
    bool enough = false;
    for (const SessionStatus& each : server.open_sessions()) {
      work[each.number] = static_cast<double>(each.operations - before[each.number]);
      enough |= each.operations - before[each.number] >= operations;
    }
    return enough;
  }));
  return work;
}

TEST(Share, FourEqualGuestsGetEqualWork) {
  Server server;
  std::vector<std::unique_ptr<GuestProcess>> guests;
  for (int i = 0; i < 4; ++i)
    guests.push_back(std::make_unique<GuestProcess>(server.address(), std::vector<std::string>{"flood"}));
  auto work = work_of(server, 4, 800);
  double sum = 0, squares = 0;
  for (const auto& [session, done] : work) sum += done, squares += done * done;
  double jain = sum * sum / (4 * squares);
  RecordProperty("jain", std::to_string(jain));
  EXPECT_GE(jain, 0.95);
}

}  // namespace
}  // namespace lineshaft::tests
