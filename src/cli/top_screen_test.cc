#include "cli/top_screen.h"

#include <gtest/gtest.h>

#include "cli/text.h"

namespace lineshaft::cli {
namespace {

ServerStatus at(double time, double busy, uint64_t operations) {
  ServerStatus status{.release = "1.2.3", .listens = {"unix:/run/a.sock"}, .time = time, .served = 5};
  status.devices = {
      {.id = "cpu:0", .name = "A CPU", .memory = 8 << 20, .used = 2 << 20, .busy_seconds = 10 + busy, .sessions = 2}};
  for (uint64_t number : {3, 4})
    status.sessions.push_back({.number = number,
                               .peer = "uid " + std::to_string(number),
                               .device = 0,
                               .state = SessionState::kRunning,
                               .seconds = 3725,
                               .memory = 1 << 20,
                               .quota = 8 << 20,
                               .limit = 4 << 20});
  status.sessions[1].busy_seconds = busy;
  status.sessions[1].operations = operations;
  status.sessions[1].uploaded = operations * 1000;
  return status;
}

std::string text_of(const TopScreen& screen) {
  std::string text;
  for (const std::string& line : screen.lines) text += line + "\n";
  return text;
}

TEST(TopScreen, RatesAreDifferencesOverTheTimeBetween) {
  EXPECT_EQ(text_of(top_screen(at(10, 1, 1000), at(12, 2, 25000), 0, 0)), R"(lineshaft 1.2.3 at unix:/run/a.sock
2 guests, 5 served, 0 refused, 0 failed

DEVICE  NAME   BUSY                MEMORY                           GUESTS  WAITING
cpu:0   A CPU  [#####     ]  50 %  [###       ] 2.0 MiB of 8.0 MiB       2        0

GUEST  WHO    DEVICE  STATE    SHARE               WEIGHT  MEMORY                           OPS/S  UP MB/S  DOWN MB/S  BUFFERS     TIME
    4  uid 4  cpu:0   running  [#####     ]  50 %       1  [###       ] 1.0 MiB of 4.0 MiB  12.0k     12.0        0.0        0  1:02:05
    3  uid 3  cpu:0   running  [          ]   0 %       1  [###       ] 1.0 MiB of 4.0 MiB      0      0.0        0.0        0  1:02:05
)");
}

TEST(TopScreen, NoLineIsWiderThanTheTerminal) {
  for (size_t width : {1, 7, 20, 40, 80, 120, 200}) {
    TopScreen screen = top_screen(at(10, 1, 0), at(11, 1.5, 50), width, 0);
    for (const std::string& line : screen.lines) EXPECT_LE(cells(line), width) << line;
  }
  std::string narrow = text_of(top_screen(at(10, 1, 0), at(11, 1.5, 50), 60, 0));
  EXPECT_NE(narrow.find("GUEST  SHARE               MEMORY"), std::string::npos) << narrow;
}

TEST(TopScreen, AShortTerminalShowsTheBusiestAndSaysHowManyAreLeft) {
  ServerStatus now = at(11, 1.5, 50);
  for (size_t height : {1, 3, 6, 7, 8, 9}) {
    TopScreen screen = top_screen(at(10, 1, 0), now, 80, height);
    EXPECT_LE(screen.lines.size(), height);
  }
  std::string text = text_of(top_screen(at(10, 1, 0), now, 80, 8));
  EXPECT_NE(text.find("and 2 more"), std::string::npos) << text;
  EXPECT_EQ(text_of(top_screen(at(10, 1, 0), now, 80, 9)).find("more"), std::string::npos);
}

TEST(TopScreen, AnotherServersCountersAndHostileNamesDoNoHarm) {
  ServerStatus now = at(11, 0.5, 50);
  now.sessions[0].peer = "cert \033[2Jx";
  now.sessions[0].device = 99;
  std::string text = text_of(top_screen(at(10, 1, 1000), now, 0, 0));
  EXPECT_EQ(text.find('\033'), std::string::npos);
  EXPECT_NE(text.find("cert ?[2Jx  -"), std::string::npos) << text;
}

}  // namespace
}  // namespace lineshaft::cli
