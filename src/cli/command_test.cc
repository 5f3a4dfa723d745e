#include "cli/command.h"

#include <gtest/gtest.h>

#include "cli/json.h"
#include "cli/text.h"
#include "lineshaft/base/error.h"

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
  EXPECT_EQ(parse(kCommand, {"file", "--times=4", "--times=5"}).number("--times", 1), 5);
  EXPECT_EQ(parse(kCommand, {"--times", "4", "file", "--times=5"}).values("--times"),
            (std::vector<std::string>{"4", "5"}));
}

TEST(CliArguments, WhatIsNotTakenIsRefusedByName) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"file", "--colour"}, {"file", "--times"}, {"file", "--json=1"}, {}})
    EXPECT_THROW(parse(kCommand, words), Error);
  EXPECT_THROW((void)parse(kCommand, {"file", "--times=x"}).number("--times", 1), Error);
  EXPECT_THROW((void)parse(kCommand, {"file", "--times=0"}).number("--times", 1), Error);
}

TEST(CliArguments, SizesHaveUnits) {
  auto size = [](const char* text) { return parse(kCommand, {"file", "--times", text}).bytes("--times", 7, 2); };
  EXPECT_EQ(size("2"), 2);
  EXPECT_EQ(size("1.5k"), 1536);
  EXPECT_EQ(size("512M"), int64_t{512} << 20);
  EXPECT_EQ(size("8G"), int64_t{8} << 30);
  EXPECT_EQ(size("1T"), int64_t{1} << 40);
  EXPECT_EQ(parse(kCommand, {"file"}).bytes("--times", 7, 2), 7);
  for (const char* wrong : {"", "1", "-8G", "8GB", "G", "nan", "1e30", "8 G"})
    EXPECT_THROW(size(wrong), Error) << wrong;
}

TEST(CliArguments, HelpNamesEveryOption) {
  std::string help = help_of(kCommand);
  for (const char* part : {"--json", "--times N", "--help", "FILE"})
    EXPECT_NE(help.find(part), std::string::npos) << part;
}

const std::vector<Command> kNested = {kCommand,
                                      {.name = "within",
                                       .summary = "Not for a person",
                                       .positional = "",
                                       .options = {},
                                       .examples = "",
                                       .run = nullptr,
                                       .hidden = true},
                                      {.name = "group",
                                       .summary = "A group",
                                       .positional = "",
                                       .options = {},
                                       .examples = "",
                                       .run = nullptr,
                                       .commands = {{.name = "group list",
                                                     .summary = "List",
                                                     .positional = "",
                                                     .options = {{"--json", nullptr, "a switch"}},
                                                     .examples = "",
                                                     .run = nullptr}}}};

TEST(CliCommands, AGroupsCommandsAreFoundByTheirWords) {
  Found list = find_command(kNested, {"group", "list", "--json"});
  ASSERT_TRUE(list.command);
  EXPECT_STREQ(list.command->name, "group list");
  EXPECT_EQ(list.words, 2u);
  Found group = find_command(kNested, {"group", "other"});
  ASSERT_TRUE(group.command);
  EXPECT_STREQ(group.command->name, "group");
  EXPECT_EQ(group.words, 1u);
  EXPECT_EQ(find_command(kNested, {"sample", "list"}).words, 1u);
  EXPECT_FALSE(find_command(kNested, {"group list"}).command);
  EXPECT_FALSE(find_command(kNested, {"other"}).command);
  EXPECT_FALSE(find_command(kNested, {}).command);
}

TEST(CliCommands, CompletionGoesDownTheGroup) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(completions(kNested, {}), (Words{"sample", "group"}));
  EXPECT_EQ(completions(kNested, {"group"}), (Words{"list"}));
  EXPECT_EQ(completions(kNested, {"group", "list"}), (Words{"--json", "--help"}));
  EXPECT_EQ(completions(kNested, {"sample", "--json"}), (Words{"--json", "--times", "--help"}));
  EXPECT_EQ(completions(kNested, {"other"}), Words{});
}

TEST(CliCommands, AGroupsHelpListsItsCommands) {
  std::string help = help_of(kNested.back());
  EXPECT_NE(help.find("usage: lineshaft group COMMAND"), std::string::npos) << help;
  EXPECT_NE(help.find("  group list  List\n"), std::string::npos) << help;
  EXPECT_EQ(list_of(kNested), "  sample      A sample\n  group       A group\n");
}

TEST(CliText, SizesAndTablesAndJson) {
  EXPECT_EQ(bytes_text(512), "512 B");
  EXPECT_EQ(bytes_text(int64_t{3} << 29), "1.5 GiB");
  EXPECT_EQ(table({{"a", "b"}, {"long", "c"}}), "a     b\nlong  c\n");
  EXPECT_EQ(json_object({{"a\"b", json_list({"1", json_string("x\n")})}}), "{\"a\\\"b\": [1, \"x\\u000a\"]}");
}

}  // namespace
}  // namespace lineshaft::cli
