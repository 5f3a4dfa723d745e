#include "trace/trace.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "lineshaft/lineshaft.h"
#include "platform/environment.h"
#include "support/examples.h"
#include "support/expected_error.h"
#include "trace/replay.h"

namespace lineshaft {
namespace {

class Trace : public testing::Test {
 protected:
  Trace()
      : path_(testing::TempDir() + "lineshaft_" + testing::UnitTest::GetInstance()->current_test_info()->name() +
              ".trace") {}
  ~Trace() override { std::filesystem::remove(path_); }

  std::string path_;
};

TEST_F(Trace, ListsComeBackInOrder) {
  CommandList list, back;
  examples::add_all(list);
  {
    TraceWriter writer(path_, "a device");
    writer.add(list);
    writer.add(list);
  }
  TraceReader reader(path_);
  EXPECT_EQ(reader.device(), "a device");
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(reader.next(back));
    EXPECT_EQ(to_string(list), to_string(back));
  }
  EXPECT_FALSE(reader.next(back));
}

TEST_F(Trace, AFileCutShortIsReadableUpToItsLastWholeList) {
  CommandList list, back;
  examples::add_all(list);
  {
    TraceWriter writer(path_, "a device");
    writer.add(list);
    writer.add(list);
  }
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 1);
  TraceReader reader(path_);
  EXPECT_TRUE(reader.next(back));
  EXPECT_THROW(reader.next(back), Error);
}

TEST_F(Trace, OtherFilesAreRefusedBySayingWhy) {
  auto expect = [&](const std::string& bytes, const char* says) {
    std::ofstream(path_, std::ios::binary) << bytes;
    expect_error(says, [&] { TraceReader reader(path_); });
  };
  std::string head = "LSTRACE\n";
  expect("", "ends early");
  expect("something else entirely", "no Lineshaft trace");
  expect(head + std::string("\2\0\0\0", 4), "version 2");
  expect(head + std::string("\1\0\0\0", 4) + std::string(20, 'x'), "another catalogue");
  EXPECT_THROW(TraceReader("/nonexistent/trace"), Error);
  EXPECT_THROW(TraceWriter("/nonexistent/trace", "d"), Error);
}

// Records a few operations on the CPU with LINESHAFT_TRACE set.
void record(const std::string& path) {
  set_environment("LINESHAFT_TRACE", path);
  auto device = open_device("cpu:0", StreamOptions::from_environment());
  unset_environment("LINESHAFT_TRACE");
  Stream& stream = device->stream();
  std::vector<float> in(6, 3.0f), out(6);
  BufferId x = stream.create(24), y = stream.create(24);
  stream.write(x, 0, in.data(), 24);
  for (auto [from, to] : {std::pair{x, y}, std::pair{y, x}, std::pair{x, y}}) {
    TensorView a = contiguous_view(from, DType::kF32, {2, 3}), b = contiguous_view(to, DType::kF32, {2, 3});
    Stream::Label label("times two");
    stream.record(Map{.program = examples::twice(), .inputs = {&a, 1}, .outputs = {&b, 1}});
  }
  stream.read(y, 0, out.data(), 24);
  EXPECT_EQ(out[5], 24.0f);
}

// The stream that LINESHAFT_TRACE numbers is the process's next one.
std::string written(const std::string& path) {
  std::string best;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(path).parent_path()))
    if (entry.path().string().starts_with(path)) best = entry.path().string();
  return best;
}

TEST_F(Trace, AStreamWritesWhatItExecutesAndItReplays) {
  record(path_);
  std::string path = written(path_);
  for (bool fusion : {false, true}) {
    TraceReader reader(path);
    auto device = open_device("cpu:0", StreamOptions{});
    ReplayResult result = replay(reader, device->device(), {.fusion = fusion, .profile = fusion});
    EXPECT_EQ(result.recorded, 3);
    EXPECT_EQ(result.uploaded, 24);
    EXPECT_EQ(result.executed, fusion ? result.kinds[static_cast<int>(OpKind::kMap)].operations : 3);
  }
  std::filesystem::remove(path);
}

TEST_F(Trace, ADeviceComparedWithItselfDoesNotDiffer) {
  record(path_);
  std::string path = written(path_);
  TraceReader reader(path);
  auto a = open_device("cpu:0", StreamOptions{}), b = open_device("cpu:0", StreamOptions{});
  EXPECT_TRUE(compare(reader, a->device(), b->device(), {}).empty());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace lineshaft
