#include "base/fingerprint.h"

#include <gtest/gtest.h>

#include <string>

namespace lineshaft {
namespace {

TEST(Fingerprint, IsSixteenHexadecimalDigits) {
  std::string fingerprint = header_fingerprint();
  EXPECT_EQ(fingerprint.size(), 16u) << fingerprint;
  EXPECT_EQ(fingerprint.find_first_not_of("0123456789abcdef"), std::string::npos) << fingerprint;
  EXPECT_STREQ(header_fingerprint(), lineshaft_header_fingerprint());
}

}  // namespace
}  // namespace lineshaft
