#include "server/config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "lineshaft/base/error.h"
#include "support/expected_error.h"

namespace lineshaft {
namespace {

ServeConfig parse(const std::string& text) {
  return parse_config(text, "lineshaft.toml");
}

TEST(ServeConfig, EveryKeyIsTaken) {
  ServeConfig config = parse(R"(
devices = ["vulkan:0", "cpu"]
listen = ["unix:/tmp/a.sock"]
metrics = ":9469"
window = "16M"
slice_ms = 2.5
hang_s = 30
sandbox = false
[socket]
mode = "660"
group = "render"
[tls]
certificate = "c"
key = "k"
authority = "a"
[[guest]]
identity = "uid:1000"
memory = "8G"
weight = 3
sessions = 4
[[guest]]
identity = "*"
memory = 1048576
)");
  EXPECT_EQ(config.devices, (std::vector<std::string>{"vulkan:0", "cpu"}));
  EXPECT_EQ(config.metrics, ":9469");
  const ServeOptions& options = config.options;
  EXPECT_EQ(options.addresses, std::vector<std::string>{"unix:/tmp/a.sock"});
  EXPECT_EQ(options.window, size_t{16} << 20);
  EXPECT_EQ(options.slice_ns, 2'500'000);
  EXPECT_EQ(options.hang_ns, 30'000'000'000);
  EXPECT_FALSE(options.sandbox);
  EXPECT_EQ(options.listen.mode, 0660);
  EXPECT_EQ(options.listen.group, "render");
  EXPECT_EQ(options.listen.certificate + options.listen.key + options.listen.authority, "cka");
  ASSERT_EQ(options.guests.size(), 2u);
  EXPECT_EQ(options.guests[0].identity, "uid:1000");
  EXPECT_EQ(options.guests[0].memory, int64_t{8} << 30);
  EXPECT_EQ(options.guests[0].weight, 3);
  EXPECT_EQ(options.guests[0].sessions, 4);
  EXPECT_EQ(options.guests[1].memory, 1 << 20);
}

TEST(ServeConfig, AnEmptyFileIsTheDefaults) {
  ServeConfig config = parse("");
  ServeOptions defaults;
  EXPECT_TRUE(config.devices.empty() && config.metrics.empty() && config.options.guests.empty());
  EXPECT_EQ(config.options.window, defaults.window);
  EXPECT_EQ(config.options.listen.mode, defaults.listen.mode);
  EXPECT_TRUE(config.options.sandbox);
}

TEST(ServeConfig, WhatIsWrongIsNamedWithItsLine) {
  struct Case {
    const char* text;
    std::vector<const char*> says;
  };
  const Case cases[] = {
      {"a = ", {"lineshaft.toml:1: "}},
      {"\ncolour = 1", {"lineshaft.toml:2: colour is no key", "devices, listen, metrics, window"}},
      {"devices = \"cpu\"", {"lineshaft.toml:1: devices = ", "[\"vulkan:0\"]"}},
      {"devices = [1]", {"devices = [ 1 ]", "list of texts"}},
      {"listen = [\"carrier:pigeon\"]", {"listen = ", "carrier:pigeon", "unix:"}},
      {"window = \"1K\"", {"window = ", "1K", "4194304 or more"}},
      {"slice_ms = 0", {"slice_ms = 0", "0.1 to 1000"}},
      {"hang_s = \"long\"", {"hang_s = ", "1 to 86400"}},
      {"sandbox = \"no\"", {"true or false"}},
      {"socket = 3", {"socket = 3", "[socket]"}},
      {"[socket]\nmode = \"999\"", {"lineshaft.toml:2: socket.mode = ", "999", "660"}},
      {"[socket]\nmode = 660", {"socket.mode = 660"}},
      {"[socket]\nowner = \"me\"", {"socket.owner is no key; there are: mode, group"}},
      {"[tls]\nca = \"x\"", {"tls.ca is no key"}},
      {"[guest]\nmemory = 1", {"[[guest]]"}},
      {"[[guest]]\nmemory = \"8G\"", {"lineshaft.toml:1: guest.identity is missing"}},
      {"[[guest]]\nidentity = \"1000\"", {"lineshaft.toml:2: guest.identity = ", "uid:NUMBER"}},
      {"[[guest]]\nidentity = \"uid:me\"", {"uid:me", "uid:NUMBER"}},
      {"[[guest]]\nidentity = \"uid:4294967296\"", {"uid:NUMBER"}},
      {"[[guest]]\nidentity = \"vm:\"", {"vm:NAME"}},
      {"[[guest]]\nidentity = \"*\"\nmemory = \"lots\"", {"lineshaft.toml:3: guest.memory = ", "lots", "8G"}},
      {"[[guest]]\nidentity = \"*\"\nweight = -1", {"guest.weight = -1", "0.001 to 1000"}},
      {"[[guest]]\nidentity = \"*\"\nsessions = -1", {"guest.sessions = -1", "0 to 256"}},
      {"[[guest]]\nidentity = \"*\"\n[[guest]]\nidentity = \"uid:1\"",
       {"lineshaft.toml:4: ", "move that one to the end"}},
      {"[[guest]]\nidentity = \"uid:1\"\n[[guest]]\nidentity = \"uid:1\"", {"keep one of the two"}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.text);
    for (const char* part : each.says) expect_error(ErrorCode::kInvalidArgument, part, [&] { parse(each.text); });
  }
}

TEST(ServeConfig, AFileThatCannotBeReadIsNamed) {
  for (const char* path : {"/nowhere/lineshaft.toml", "/tmp"}) expect_error(path, [&] { read_config(path); });
}

// What the sample says in its comments is right, too.
TEST(ServeConfig, TheSampleIsValidWithItsCommentsAndWithout) {
  std::ifstream file(LINESHAFT_SAMPLE_CONFIG);
  std::ostringstream text;
  text << file.rdbuf();
  ASSERT_FALSE(text.str().empty()) << LINESHAFT_SAMPLE_CONFIG;
  parse(text.str());
  std::regex commented("(^|\n)# (\\w+ = |\\[\\[)");
  ServeConfig all = parse(std::regex_replace(text.str(), commented, "$1$2"));
  ServeOptions defaults;
  EXPECT_EQ(all.devices.size(), 2u);
  EXPECT_EQ(all.options.window, defaults.window);
  EXPECT_EQ(all.options.slice_ns, defaults.slice_ns);
  EXPECT_EQ(all.options.hang_ns, defaults.hang_ns);
  EXPECT_EQ(all.options.listen.mode, defaults.listen.mode);
  EXPECT_FALSE(all.metrics.empty());
  ASSERT_EQ(all.options.guests.size(), 2u);
  EXPECT_EQ(all.options.guests[1].sessions, GuestPolicy().sessions);
}

}  // namespace
}  // namespace lineshaft
