#include "platform/library.h"

#include <gtest/gtest.h>

namespace lineshaft {
namespace {

TEST(SharedLibrary, WhatIsMissingIsFalse) {
  SharedLibrary library("lineshaft_no_such_library");
  EXPECT_FALSE(library);
  EXPECT_EQ(library.function<int (*)()>("anything"), nullptr);
}

#ifdef __linux__
TEST(SharedLibrary, FunctionsAreFoundByName) {
  SharedLibrary library("libm.so.6");
  ASSERT_TRUE(library);
  auto root = library.function<double (*)(double)>("sqrt");
  ASSERT_NE(root, nullptr);
  EXPECT_EQ(root(9), 3);
  EXPECT_EQ(library.function<int (*)()>("lineshaft_no_such_function"), nullptr);
  SharedLibrary moved = std::move(library);
  EXPECT_TRUE(moved && !library);
}
#endif

}  // namespace
}  // namespace lineshaft
