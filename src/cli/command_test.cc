#include "cli/command.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "cli/json.h"
#include "cli/text.h"

namespace lineshaft::cli {
namespace {

const Command kCommand = {.name = "sample",
                          .summary = "A sample",
                          .positional = "FILE",
                          .options = {{"--json", nullptr, "a switch"}, {"--times", "N", "a number"}},
                          .examples = "",
                          .run = nullptr};

TEST(CliArguments, OptionsAndPositionalsAreToldApart) {
  Arguments arguments = parse(kCommand, {"--json", "file", "--times=3"});
  EXPECT_TRUE(arguments.has("--json"));
  EXPECT_EQ(arguments.positional(), std::vector<std::string>{"file"});
  EXPECT_EQ(arguments.number("--times", 1), 3);
  EXPECT_EQ(parse(kCommand, {"file", "--times", "4"}).number("--times", 1), 4);
  EXPECT_EQ(parse(kCommand, {"file"}).number("--times", 7), 7);
}

TEST(CliArguments, WhatIsNotTakenIsRefusedByName) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"file", "--colour"}, {"file", "--times"}, {"file", "--json=1"}, {}})
    EXPECT_THROW(parse(kCommand, words), Error);
  EXPECT_THROW((void)parse(kCommand, {"file", "--times=x"}).number("--times", 1), Error);
  EXPECT_THROW((void)parse(kCommand, {"file", "--times=0"}).number("--times", 1), Error);
}

TEST(CliArguments, HelpNamesEveryOption) {
  std::string help = help_of(kCommand);
  for (const char* part : {"--json", "--times N", "--help", "FILE"})
    EXPECT_NE(help.find(part), std::string::npos) << part;
}

TEST(CliText, SizesAndTablesAndJson) {
  EXPECT_EQ(bytes_text(512), "512 B");
  EXPECT_EQ(bytes_text(int64_t{3} << 29), "1.5 GiB");
  EXPECT_EQ(table({{"a", "b"}, {"long", "c"}}), "a     b\nlong  c\n");
  EXPECT_EQ(json_object({{"a\"b", json_list({"1", json_string("x\n")})}}), "{\"a\\\"b\": [1, \"x\\u000a\"]}");
}

}  // namespace
}  // namespace lineshaft::cli
