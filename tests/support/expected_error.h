// For tests: errors that are expected, by what they say.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "lineshaft/base/error.h"

namespace lineshaft {

// The Error that `run` throws, if it throws one.
template <class F>
std::optional<Error> thrown_by(F&& run) {
  try {
    std::forward<F>(run)();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

// What it says; "" if nothing is thrown.
template <class F>
std::string error_of(F&& run) {
  std::optional<Error> error = thrown_by(std::forward<F>(run));
  return error ? error->what() : "";
}

// Fails the test unless `run` throws an Error that says `part`, of that code where one is given.
template <class F>
void expect_error(std::optional<ErrorCode> code, std::string_view part, F&& run) {
  std::optional<Error> error = thrown_by(std::forward<F>(run));
  ASSERT_TRUE(error) << "nothing is thrown that says: " << part;
  EXPECT_EQ(error->code(), code.value_or(error->code())) << error->what();
  EXPECT_NE(std::string_view(error->what()).find(part), std::string_view::npos) << error->what() << "\nlacks: " << part;
}
template <class F>
void expect_error(std::string_view part, F&& run) {
  expect_error(std::nullopt, part, std::forward<F>(run));
}

// The same for an Error that says `text` and no more.
template <class F>
void expect_whole_error(ErrorCode code, std::string_view text, F&& run) {
  std::optional<Error> error = thrown_by(std::forward<F>(run));
  ASSERT_TRUE(error) << "nothing is thrown that says: " << text;
  EXPECT_EQ(error->code(), code) << error->what();
  EXPECT_EQ(error->what(), text);
}

}  // namespace lineshaft
