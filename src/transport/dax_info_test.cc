#include "transport/dax_info.h"

#include <gtest/gtest.h>

#include <cstring>

namespace lineshaft {
namespace {

template <class T>
T at(const std::array<std::byte, 4096>& bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// What `ndctl write-infoblock -m devdax -M mem -a 2M` writes for 256 MiB and this UUID.
TEST(DaxInfo, IsWhatNdctlWrites) {
  std::array<std::byte, 16> uuid;
  for (size_t i = 0; i < uuid.size(); ++i) uuid[i] = static_cast<std::byte>(i * 0x11);
  auto info = dax_info(uint64_t{256} << 20, uint64_t{2} << 20, uuid);
  EXPECT_EQ(std::memcmp(info.data(), "NVDIMM_DAX_INFO", 16), 0);
  EXPECT_EQ(at<uint16_t>(info, 52), 1);                          // version
  EXPECT_EQ(at<uint64_t>(info, 56), uint64_t{2} << 20);          // where the data begins
  EXPECT_EQ(at<uint64_t>(info, 64), uint64_t{254} << 20 >> 12);  // pages
  EXPECT_EQ(at<uint32_t>(info, 84), uint32_t{2} << 20);          // alignment
  EXPECT_EQ(at<uint64_t>(info, 4088), 0x80f761503db92e04u);
}

}  // namespace
}  // namespace lineshaft
