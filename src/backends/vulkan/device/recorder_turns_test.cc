#include <gtest/gtest.h>

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/device/loader.h"
#include "lineshaft/program/expression.h"
#include "support/expected_error.h"

namespace lineshaft::vulkan {
namespace {

// A device whose driver ends loops after 100 turns.
class VulkanTurns : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<Finding> ignored;
    const Instance* all = instance(ignored);
    DeviceProperties properties;
    if (!all || all->devices.empty() || !inspect(*all, all->devices[0], features_, properties).empty())
      GTEST_SKIP() << "there is no Vulkan device";
    processor_ = properties.device_class == DeviceClass::kSoftwareGpu;
    limit_ = features_.turns;
    features_.turns = Turns(100);
    gpu_ = std::make_unique<Gpu>(*all, all->devices[0], features_);
    memory_ = std::make_unique<Memory>(*gpu_);
    pipelines_ = std::make_unique<Pipelines>(*gpu_);
    recorder_ = std::make_unique<Recorder>(*gpu_);
    context_ = std::make_unique<Context>(*gpu_, *memory_, *pipelines_, *recorder_);
    submission_ = std::make_unique<Submission>(*gpu_);
    submission_->begin(1, {});
    recorder_->begin(*submission_);
  }
  void TearDown() override {
    if (recorder_) recorder_->end();
  }
  // A kernel that loops over 64 elements.
  void sum_of_chunk(Turns turns) {
    struct {
      uint32_t count, chunks;
    } push{64, 1};
    TensorView counts = context_->scratch(DType::kI32, {64}), sums = context_->scratch(DType::kI32, {1});
    context_->run_kernel({.kernel = "chunk_sum", .turns = turns, .operands = {in(counts), out(sums)}}, push);
  }

  Features features_;
  bool processor_ = false;
  Turns limit_ = kNoLoops;
  std::unique_ptr<Gpu> gpu_;
  std::unique_ptr<Memory> memory_;
  std::unique_ptr<Pipelines> pipelines_;
  std::unique_ptr<Submission> submission_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Context> context_;
};

TEST_F(VulkanTurns, AKernelWithinTheLimitIsDispatched) {
  sum_of_chunk(loop(64));
  EXPECT_EQ(recorder_->dispatches(), 1u);
}

TEST_F(VulkanTurns, AKernelBeyondTheLimitIsRefused) {
  expect_error(ErrorCode::kInternal,
               "the loops of the kernel chunk_sum may turn 101 times; this device ends them after 100",
               [&] { sum_of_chunk(loop(100)); });
  EXPECT_EQ(recorder_->dispatches(), 0u);
}

TEST_F(VulkanTurns, AKernelThatHidesItsLoopsIsRefused) {
  expect_error(ErrorCode::kInternal, "the kernel chunk_sum has loops and does not state their turns",
               [&] { sum_of_chunk(kNoLoops); });
}

TEST_F(VulkanTurns, AProgramBeyondTheLimitIsRefused) {
  if (!features_.f64) GTEST_SKIP() << "the device has no f64";
  ProgramBuilder p;
  p.output(rem(p.input(DType::kF64), p.input(DType::kF64)), DType::kF64);
  TensorView x = context_->scratch(DType::kF64, {5}), views[] = {x, x};
  expect_error(ErrorCode::kInternal, "the loops of the kernel map may turn",
               [&] { context_->map(p.finish(), views, List<TensorView>(&x, 1)); });
}

// By the driver, whatever family's kernels it is given.
TEST_F(VulkanTurns, AProcessorHasALimit) {
  EXPECT_EQ(limit_.count, processor_ ? 65535 : Turns::kMost);
}

}  // namespace
}  // namespace lineshaft::vulkan
