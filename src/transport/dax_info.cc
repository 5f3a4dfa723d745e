#include "transport/dax_info.h"

#include <cstring>

namespace lineshaft {
namespace {

// The layout is the kernel's (drivers/nvdimm/pfn.h); numbers are little-endian.
struct Info {
  char signature[16] = "NVDIMM_DAX_INFO";
  std::byte uuid[16] = {};
  std::byte parent[16] = {};  // of a namespace with labels; there are none
  uint32_t flags = 0;
  uint16_t major = 1, minor = 4;
  uint64_t data = 0;
  uint64_t pages = 0;
  uint32_t mode = 1;  // page descriptors in the guest's memory
  uint32_t start_pad = 0, end_cut = 0;
  uint32_t align = 2 << 20;
  uint32_t page_size = 4096;
  uint16_t page_descriptor = 64;
  std::byte padding[3994] = {};
  uint64_t checksum = 0;
};
static_assert(sizeof(Info) == 4096);

// Fletcher's checksum over 32-bit words.
uint64_t checksum_of(const Info& info) {
  uint32_t low = 0, high = 0;
  for (size_t at = 0; at < sizeof info; at += 4) {
    uint32_t word;
    std::memcpy(&word, reinterpret_cast<const std::byte*>(&info) + at, sizeof word);
    low += word;
    high += low;
  }
  return uint64_t{high} << 32 | low;
}

}  // namespace

std::array<std::byte, 4096> dax_info(uint64_t size, uint64_t data, const std::array<std::byte, 16>& uuid) {
  Info info;
  std::memcpy(info.uuid, uuid.data(), uuid.size());
  info.data = data;
  info.pages = (size - data) / info.page_size;
  info.checksum = checksum_of(info);
  std::array<std::byte, 4096> bytes;
  std::memcpy(bytes.data(), &info, sizeof info);
  return bytes;
}

}  // namespace lineshaft
