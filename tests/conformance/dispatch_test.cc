// Every operation of the catalogue is work for the device that was asked: an accelerator is sent kernels for each, so
// none ran on the host instead.
#include "conformance/bench.h"
#include "support/examples.h"

namespace lineshaft::conformance {
namespace {

TEST_P(Conformance, EveryOperationIsDispatched) {
  auto device = open_device(GetParam(), {.validate = true});
  if (device->properties().device_class == DeviceClass::kCpu) GTEST_SKIP() << "the CPU backend has no accelerator";
  std::vector<std::byte> zeros(examples::kBufferSize);
  for (int slot = 1; slot <= examples::kBuffers; ++slot) {
    BufferId buffer = device->stream().create(examples::kBufferSize);
    ASSERT_TRUE(buffer == BufferId::make(static_cast<uint32_t>(slot), 1)) << "examples name their buffers so";
  }
  auto run = [&](const char* name, const auto& op) {
    for (int slot = 1; slot <= examples::kBuffers; ++slot)  // zeros are good indices, whatever the last one wrote
      device->stream().write(BufferId::make(static_cast<uint32_t>(slot), 1), 0, zeros.data(), examples::kBufferSize);
    device->stream().wait();
    uint64_t before = device->device().dispatches();
    device->stream().record(op);
    if (std::is_same_v<std::decay_t<decltype(op)>, Check>)  // of zeros: nothing holds
      EXPECT_THROW(device->stream().wait(), Error) << name;
    else
      EXPECT_NO_THROW(device->stream().wait()) << name;
    EXPECT_GT(device->device().dispatches(), before) << name << " sent no kernel to " << GetParam();
  };
#define LINESHAFT_OPERATION(Type, name) run(#name, examples::name());
#include "lineshaft/ops/catalogue.def"
}

}  // namespace
}  // namespace lineshaft::conformance
