// For tests: errors that are expected, by what they say.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace lineshaft {

// What the Error that `run` throws says; "" if it throws none.
template <class F>
std::string error_of(F&& run) {
  try {
    std::forward<F>(run)();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// Fails the test unless `run` throws an Error that says `part`, of that code where one is given.
template <class F>
void expect_error(std::optional<ErrorCode> code, std::string_view part, F&& run) {
  try {
    std::forward<F>(run)();
    ADD_FAILURE() << "nothing is thrown that says: " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code.value_or(error.code())) << error.what();
    EXPECT_NE(std::string_view(error.what()).find(part), std::string_view::npos) << error.what() << "\nlacks: " << part;
  }
}
template <class F>
void expect_error(std::string_view part, F&& run) {
  expect_error(std::nullopt, part, std::forward<F>(run));
}

}  // namespace lineshaft
