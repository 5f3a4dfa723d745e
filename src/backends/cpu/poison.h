// Tells AddressSanitizer about blocks, as malloc does: free memory, and a gap after each block, must not be accessed.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_ADDRESS__)
#define LINESHAFT_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LINESHAFT_ADDRESS_SANITIZER 1
#endif
#endif
#ifdef LINESHAFT_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace lineshaft::cpu {

#ifdef LINESHAFT_ADDRESS_SANITIZER
inline constexpr int64_t kGap = 256;
inline void forbid(const std::byte* base, int64_t size) {
  __asan_poison_memory_region(base, static_cast<size_t>(size));
}
inline void permit(const std::byte* base, int64_t size) {
  __asan_unpoison_memory_region(base, static_cast<size_t>(size));
}
#else
inline constexpr int64_t kGap = 0;
inline void forbid(const std::byte*, int64_t) {}
inline void permit(const std::byte*, int64_t) {}
#endif

}  // namespace lineshaft::cpu
