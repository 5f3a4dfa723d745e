#include "platform/files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/expected_error.h"
#include "support/temporary_folder.h"

namespace lineshaft {
namespace {

size_t entries_of(const std::string& folder) {
  return static_cast<size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

TEST(Files, AFileIsWrittenWholeWithItsPermissionsAndReadBack) {
  TemporaryFolder folder;
  std::string path = folder.path("key"), text = std::string("a\0b\r\n", 5);
  write_file(path, text, FileAccess::kOwner, false);
  EXPECT_EQ(read_file(path), text);
  EXPECT_EQ(static_cast<int>(std::filesystem::status(path).permissions()) & 0777, 0600);
  write_file(path, "other", FileAccess::kEverybody, true);
  EXPECT_EQ(read_file(path), "other");
  EXPECT_EQ(static_cast<int>(std::filesystem::status(path).permissions()) & 0777, 0644);
  EXPECT_EQ(entries_of(folder.path()), 1u);
}

TEST(Files, WhatIsThereIsReplacedOnlyWhereThatIsAsked) {
  TemporaryFolder folder;
  std::string path = folder.path("key");
  write_file(path, "first", FileAccess::kOwner, false);
  expect_error(ErrorCode::kInvalidArgument, path + " cannot be written: File exists",
               [&] { write_file(path, "second", FileAccess::kOwner, false); });
  EXPECT_EQ(read_file(path), "first");
  EXPECT_EQ(entries_of(folder.path()), 1u);
  EXPECT_EQ(try_write_file(path, "second", FileAccess::kOwner, false), std::errc::file_exists);
  EXPECT_EQ(try_write_file(folder.path(), "text", FileAccess::kOwner, true), std::errc::is_a_directory);
}

TEST(Files, CheckingWhetherAFileCanBeWrittenMakesNone) {
  TemporaryFolder folder;
  EXPECT_FALSE(check_writable(folder.path("new")));
  EXPECT_EQ(entries_of(folder.path()), 0u);
  EXPECT_EQ(check_writable(folder.path("missing/new")), std::errc::no_such_file_or_directory);
  EXPECT_EQ(check_writable(folder.path()), std::errc::is_a_directory);
  write_file(folder.path("kept"), "text", FileAccess::kOwner, false);
  EXPECT_FALSE(check_writable(folder.path("kept")));
  EXPECT_EQ(read_file(folder.path("kept")), "text");
}

TEST(Files, WhatMayBeDoneWithAPath) {
  TemporaryFolder folder;
  write_file(folder.path("file"), "text", FileAccess::kOwner, false);
  EXPECT_TRUE(file_exists(folder.path()) && file_exists(folder.path("file")) && can_read(folder.path("file")));
  EXPECT_FALSE(file_exists(folder.path("none")) || can_read(folder.path("none")));
  EXPECT_TRUE(can_write_in(folder.path()));
  EXPECT_FALSE(can_write_in(folder.path("none")));
}

TEST(Files, NamesMatchPatterns) {
  EXPECT_TRUE(name_matches("*.conf", "a.conf") && name_matches("?.conf", "a.conf") && name_matches("a", "a"));
  EXPECT_FALSE(name_matches("*.conf", "a.config") || name_matches("*.conf", ".conf") || name_matches("a", "ab"));
}

}  // namespace
}  // namespace lineshaft
