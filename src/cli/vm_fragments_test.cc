#include "cli/vm_fragments.h"

#include <gtest/gtest.h>

#include "lineshaft/base/error.h"

namespace lineshaft::cli {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
const WindowLayout kLayout{2, 62 * kMiB, 128 * kMiB};

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(VmFragments, QemuGetsOnePortForEachSlot) {
  std::string text = qemu_fragment("/dev/shm/a.window", kLayout, WindowDevice::kNvdimm);
  EXPECT_EQ(count(text, "-device virtserialport,"), 2u);
  EXPECT_NE(text.find("path=/dev/shm/a.window.1\n"), std::string::npos);
  EXPECT_NE(text.find("nr=2,chardev=lineshaft.1,name=lineshaft.1\n"), std::string::npos);
  EXPECT_NE(text.find("share=on,mem-path=/dev/shm/a.window,size=134217728\n"), std::string::npos);
  EXPECT_EQ(count(text, "nvdimm"), 2u);
  EXPECT_EQ(count(qemu_fragment("/a", kLayout, WindowDevice::kIvshmem), "nvdimm"), 0u);
}

TEST(VmFragments, IvshmemTakesAPowerOfTwoAndLibvirtAFileInShm) {
  EXPECT_THROW(qemu_fragment("/a", {2, 62 * kMiB, 144 * kMiB}, WindowDevice::kIvshmem), Error);
  EXPECT_THROW(libvirt_fragment("/var/a.window", kLayout, WindowDevice::kIvshmem), Error);
  std::string text = libvirt_fragment("/dev/shm/a&b.window", kLayout, WindowDevice::kIvshmem);
  EXPECT_NE(text.find("<shmem name='a&amp;b.window'>"), std::string::npos);
  EXPECT_EQ(count(text, "<channel type='unix'>"), 2u);
  EXPECT_NE(libvirt_fragment("/var/a", kLayout, WindowDevice::kNvdimm).find("<path>/var/a</path>"), std::string::npos);
}

}  // namespace
}  // namespace lineshaft::cli
