// Ranges of addresses that nothing maps: they name memory that the processor does not reach.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lineshaft {

inline constexpr int64_t kPageBytes = 4096;  // the smallest page

// Reserves `bytes` of addresses for the life of the process. No memory is used by them, and an access to one faults.
// Null where the system refuses.
std::byte* reserve_addresses(int64_t bytes) noexcept;

}  // namespace lineshaft
