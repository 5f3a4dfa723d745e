#include <gtest/gtest.h>

#include "lineshaft/lineshaft.h"

namespace lineshaft {
namespace {

TEST(Smoke, WriteThenReadGivesTheSameBytes) {
  auto device = open_device("cpu:0", StreamOptions::from_environment());
  Stream& stream = device->stream();
  std::vector<float> in(1000), out(1000);
  for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i);
  BufferId buffer = stream.create(4000);
  stream.write(buffer, 0, in.data(), 4000);
  stream.read(buffer, 0, out.data(), 4000);
  EXPECT_EQ(in, out);
  stream.release(buffer);
}

}  // namespace
}  // namespace lineshaft
