#include "transport/vm_window.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "lineshaft/base/error.h"
#include "support/expected_error.h"

namespace lineshaft {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

class VmWindow : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write_header(const WindowHeader& header) {
    Descriptor file(::open(path_.c_str(), O_RDWR));
    ASSERT_EQ(::pwrite(file.get(), &header, sizeof header, WindowLayout::kHeader), ssize_t{sizeof header});
  }
  std::string folder_ = testing::TempDir() + "vm_window_" + std::to_string(::getpid());
  std::string path_ = folder_ + "/builder.window";
};

TEST_F(VmWindow, DividesAFileIntoSlots) {
  WindowLayout made = create_window(path_, 256 * kMiB, 8);
  EXPECT_EQ(made.slot_size, 30 * kMiB);
  EXPECT_EQ(made.offset(0), 4 * kMiB);
  EXPECT_LE(made.offset(8), 256 * kMiB);
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(static_cast<uint64_t>(status.st_size), 256 * kMiB);
  OpenWindow open = open_window(path_);
  EXPECT_EQ(open.layout.slots, 8u);
  EXPECT_EQ(open.layout.slot_size, made.slot_size);
  expect_error("another server has the window", [&] { open_window(path_); });
  EXPECT_EQ(window_layout(path_).slots, 8u);  // printing QEMU's arguments needs no lock
  EXPECT_EQ(port_socket(path_, 3), path_ + ".3");
  EXPECT_EQ(window_name(path_), "builder");
}

TEST_F(VmWindow, RefusesWhatDoesNotFit) {
  expect_error("multiple of 16 MiB", [&] { create_window(path_, 100 * kMiB, 8); });
  expect_error("at least 80 MiB, not 64 MiB", [&] { create_window(path_, 64 * kMiB, 8); });
  expect_error("1 to 30 slots", [&] { create_window(path_, 256 * kMiB, 31); });
  expect_error("comma", [&] { create_window(folder_ + "/a,b", 256 * kMiB, 8); });
  EXPECT_FALSE(std::filesystem::exists(path_));
  create_window(path_, 16 * kMiB, 1);
  expect_error("is there already", [&] { create_window(path_, 16 * kMiB, 1); });
}

// The guest writes the header at will; a server that starts then must neither believe it nor fail strangely.
TEST_F(VmWindow, ChecksTheHeaderAgainstTheFile) {
  create_window(path_, 32 * kMiB, 2);
  WindowHeader good;
  good.slots = 2;
  good.slot_size = 14 * kMiB;
  write_header(good);
  EXPECT_EQ(window_layout(path_).slots, 2u);
  auto refused = [&](auto change) {
    WindowHeader header = good;
    change(header);
    write_header(header);
    return !error_of([&] { window_layout(path_); }).empty();
  };
  EXPECT_TRUE(refused([](WindowHeader& h) { h.magic[0] = 'X'; }));
  EXPECT_TRUE(refused([](WindowHeader& h) { h.version = 2; }));
  EXPECT_TRUE(refused([](WindowHeader& h) { h.slots = 0; }));
  EXPECT_TRUE(refused([](WindowHeader& h) { h.slots = 3; }));
  EXPECT_TRUE(refused([](WindowHeader& h) { h.slots = 1u << 31; }));
  EXPECT_TRUE(refused([](WindowHeader& h) { h.slot_size = 0; }));
  EXPECT_TRUE(refused([](WindowHeader& h) { h.slot_size = 14 * kMiB + 4096; }));
  EXPECT_TRUE(refused([](WindowHeader& h) { h.slot_size = ~uint64_t{0} - 2 * kMiB + 1; }));
  EXPECT_TRUE(refused([](WindowHeader& h) { h.slot_size = uint64_t{1} << 63; }));
}

TEST_F(VmWindow, RefusesFilesThatOthersCanShorten) {
  create_window(path_, 16 * kMiB, 1);
  ::chmod(path_.c_str(), 0666);
  expect_error("anybody may write and shorten", [&] { window_layout(path_); });
  EXPECT_THROW(window_layout(folder_), Error);
  expect_error("lineshaft vm init", [&] { window_layout(path_ + ".none"); });
}

}  // namespace
}  // namespace lineshaft
