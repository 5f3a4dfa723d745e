// Ranges of virtual addresses and the memory behind them. A reserved range costs no memory; memory is committed to
// parts of it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lineshaft {

inline constexpr int64_t kPageBytes = 4096;  // the smallest page
int64_t page_bytes();                        // the page size of this machine

// Reserves `bytes` of addresses. The first is a multiple of `alignment`, a power of 2. The range uses no memory, and an
// access to it faults. Null where the system refuses.
std::byte* reserve_addresses(int64_t bytes, int64_t alignment = kPageBytes) noexcept;
// Releases such a range as a whole, with the memory behind it.
void release_addresses(std::byte* range, int64_t bytes) noexcept;
// How many bytes of addresses this process may reserve in total; INT64_MAX where the system sets no limit.
int64_t address_limit();

// The functions below take a part of a range that consists of whole pages.
bool commit_memory(std::byte* part, int64_t bytes) noexcept;    // makes it usable; false where no memory is left
void decommit_memory(std::byte* part, int64_t bytes) noexcept;  // frees its memory; an access faults again
void discard_memory(std::byte* part, int64_t bytes) noexcept;   // frees its memory; usable, but its contents are lost
void prefer_huge_pages(std::byte* part, int64_t bytes) noexcept;

}  // namespace lineshaft
