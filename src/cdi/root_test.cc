#include "cdi/root.h"

#include <gtest/gtest.h>

#include "cdi/test_machine.h"
#include "cdi/write.h"
#include "lineshaft/base/error.h"
#include "support/expected_error.h"

namespace lineshaft::cdi {
namespace {

TEST(CdiRoot, LinksStayBelowTheRoot) {
  TestMachine machine;
  machine.file("/usr/lib/real", "text\n");
  machine.link("/lib", "usr/lib");
  machine.link("/etc/alternatives/it", "/lib/real");
  machine.link("/far", "../../../../../etc/alternatives/it");
  machine.link("/round", "round");
  machine.link("/dangling", "/nowhere");
  Root root = machine.root();
  EXPECT_EQ(root.resolve("/etc/alternatives/it"), "/usr/lib/real");
  EXPECT_EQ(root.resolve("/far"), "/usr/lib/real");
  EXPECT_EQ(root.read("/far"), "text");
  EXPECT_FALSE(root.exists("/round"));
  EXPECT_FALSE(root.exists("/dangling"));
  EXPECT_EQ(root.resolve("/.."), "/");
  EXPECT_TRUE(root.is_folder("/lib"));
  EXPECT_FALSE(root.is_folder("/lib/real"));
  EXPECT_THROW(Root(machine.folder() + "/nowhere"), Error);
}

TEST(CdiRoot, NamesAreInTheOrderOfTheirNumbers) {
  TestMachine machine;
  for (const char* name : {"renderD129", "renderD9", "card0", "renderD128"})
    machine.file(std::string("/dev/dri/") + name);
  EXPECT_EQ(machine.root().names("/dev/dri", "renderD"),
            (std::vector<std::string>{"renderD9", "renderD128", "renderD129"}));
  EXPECT_TRUE(natural_less("a2b10", "a10b2"));
  EXPECT_TRUE(natural_less("a", "a1"));
  EXPECT_FALSE(natural_less("a", "a"));
}

TEST(CdiWrite, AFileIsReplacedWhole) {
  TestMachine machine;
  const std::string path = machine.folder() + "/etc/cdi/spec.yaml";
  write_file(path, "one\n");
  write_file(path, "two\n");
  EXPECT_EQ(machine.root().read("/etc/cdi/spec.yaml"), "two");
  EXPECT_EQ(machine.root().names("/etc/cdi"), std::vector<std::string>{"spec.yaml"});
  auto mode = std::filesystem::status(path).permissions();
  EXPECT_EQ(static_cast<int>(mode) & 0777, 0644);
}

TEST(CdiWrite, WhatCannotBeWrittenLeavesNothingBehind) {
  TestMachine machine;
  machine.file("/file");
  std::filesystem::create_directories(machine.folder() + "/etc/cdi/spec.yaml/inside");
  expect_error("/etc/cdi/spec.yaml: Is a directory",
               [&] { write_file(machine.folder() + "/etc/cdi/spec.yaml", "text"); });
  EXPECT_EQ(machine.root().names("/etc/cdi"), std::vector<std::string>{"spec.yaml"});
  EXPECT_THROW(write_file(machine.folder() + "/file/spec.yaml", "text"), Error);
}

}  // namespace
}  // namespace lineshaft::cdi
