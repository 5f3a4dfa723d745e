// Guests that all want one device get equal parts of it, whatever each submits.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "server/guest.h"
#include "server/server.h"

namespace lineshaft::tests {
namespace {

// The device time that each session got, in seconds, once the busiest has got `enough` since all were at work.
std::map<uint64_t, double> share_of(Server& server, size_t guests, double enough) {
  EXPECT_TRUE(eventually([&] {
    auto open = server.open_sessions();
    return static_cast<size_t>(std::ranges::count_if(open, [](const auto& each) { return each.operations > 20; })) ==
           guests;
  }));
  std::map<uint64_t, double> before, share;
  for (const SessionStatus& each : server.open_sessions()) before[each.number] = each.busy_seconds;
  EXPECT_TRUE(eventually([&] {
    bool reached = false;
    for (const SessionStatus& each : server.open_sessions()) {
      share[each.number] = each.busy_seconds - before[each.number];
      reached |= share[each.number] >= enough;
    }
    return reached;
  }));
  return share;
}

TEST(Share, FourEqualGuestsGetEqualTime) {
  Server server;
  std::vector<std::unique_ptr<GuestProcess>> guests;
  for (int i = 0; i < 4; ++i)
    guests.push_back(std::make_unique<GuestProcess>(server.address(), std::vector<std::string>{"flood"}));
  auto share = share_of(server, 4, 1);
  double sum = 0, squares = 0;
  for (const auto& [session, seconds] : share) sum += seconds, squares += seconds * seconds;
  double jain = sum * sum / (4 * squares);
  RecordProperty("jain", std::to_string(jain));
  EXPECT_GE(jain, 0.95);
}

TEST(Share, WeightsDivideTheDevice) {
  if (::getuid() != 0) GTEST_SKIP() << "guests of two users take root to start";
  ServeOptions options;
  options.guests = {{.identity = "uid:1001", .weight = 3}};
  Server server(std::move(options));
  std::vector<std::unique_ptr<GuestProcess>> guests;
  for (const char* user : {"1001", "1002"})
    guests.push_back(std::make_unique<GuestProcess>(server.address(), std::vector<std::string>{"flood", user}));
  auto share = share_of(server, 2, 2);
  std::map<std::string, double> by_user;
  for (const SessionStatus& each : server.open_sessions()) by_user[each.identity] = share[each.number];
  double ratio = by_user["uid:1001"] / by_user["uid:1002"];
  RecordProperty("ratio", std::to_string(ratio));
  EXPECT_GT(ratio, 2.6);
  EXPECT_LT(ratio, 3.4);
}

}  // namespace
}  // namespace lineshaft::tests
