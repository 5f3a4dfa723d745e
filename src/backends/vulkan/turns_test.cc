#include "backends/vulkan/turns.h"

#include <gtest/gtest.h>

#include "backends/vulkan/context.h"
#include "backends/vulkan/loader.h"
#include "program/expression.h"
#include "support/expected_error.h"

namespace lineshaft::vulkan {
namespace {

static_assert(loop(0).count == 1);
static_assert(loop(5).count == 6);
static_assert(loop(3, loop(4)).count == 3 * (1 + 5) + 1);
static_assert(loop(int64_t{1} << 31, loop(int64_t{1} << 31)).count == Turns::kMost);
static_assert(longest_loop(Turns(65535)) == 65534);
static_assert(loop(longest_loop(Turns(1000), loop(7), Turns(20)), loop(7)).count + 20 <= 1000);

// Every turn is in one part, the parts follow the order of the loops, and each fits.
TEST(Turns, PartsOfLoopsAreTheLoops) {
  for (auto sizes : {std::array<int64_t, 3>{1, 1, 1},
                     {1, 1, 500},
                     {1, 70, 3},
                     {40, 1, 2},
                     {5, 6, 7},
                     {3, 90, 90},
                     {2, 1, 300},
                     {101, 3, 1}}) {
    for (int64_t limit : {20, 100, 4000}) {
      int64_t next = 0;
      for (const LoopPart& part : loop_parts(sizes, Turns(limit))) {
        EXPECT_LE(part.turns.count, limit);
        for (int64_t i = part.first[0]; i < part.end[0]; ++i)
          for (int64_t j = part.first[1]; j < part.end[1]; ++j)
            for (int64_t k = part.first[2]; k < part.end[2]; ++k)
              ASSERT_EQ((i * sizes[1] + j) * sizes[2] + k, next++) << sizes[0] << "x" << sizes[1] << "x" << sizes[2];
      }
      EXPECT_EQ(next, sizes[0] * sizes[1] * sizes[2]);
    }
  }
  EXPECT_EQ(loop_parts({5, 6, 7}, Turns(65535)).size(), 1u);
}

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
