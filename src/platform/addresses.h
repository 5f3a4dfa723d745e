// Ranges of addresses, and the memory behind them: a range is had for nothing, memory is put behind its parts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lineshaft {

inline constexpr int64_t kPageBytes = 4096;  // the smallest page
int64_t page_bytes();                        // this machine's

// Reserves `bytes` of addresses, of which the first is a multiple of `alignment`, a power of 2. No memory is used by
// them, and an access to one faults. Null where the system refuses.
std::byte* reserve_addresses(int64_t bytes, int64_t alignment = kPageBytes) noexcept;
// Gives back such a range, whole, with the memory behind it.
void release_addresses(std::byte* range, int64_t bytes) noexcept;
// How many bytes of addresses this process may have; INT64_MAX where the system sets no limit.
int64_t address_limit();

// For a part of a range, of whole pages.
bool commit_memory(std::byte* part, int64_t bytes) noexcept;    // it may be used from now on; false: no memory is left
void decommit_memory(std::byte* part, int64_t bytes) noexcept;  // an access faults again
void discard_memory(std::byte* part, int64_t bytes) noexcept;   // it may be used, but what it held is lost
void prefer_huge_pages(std::byte* part, int64_t bytes) noexcept;

}  // namespace lineshaft
