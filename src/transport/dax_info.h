// The info block that makes Linux offer an NVDIMM as a device for direct access (/dev/daxX.Y), in the form that `ndctl`
// writes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace lineshaft {

inline constexpr size_t kDaxInfoOffset = 4096;

// For an NVDIMM of `size` bytes whose data begins at `data`, both multiples of 2 MiB. It tells the guest to keep the
// descriptors of the pages (struct page) in its own memory.
std::array<std::byte, 4096> dax_info(uint64_t size, uint64_t data, const std::array<std::byte, 16>& uuid);

}  // namespace lineshaft
