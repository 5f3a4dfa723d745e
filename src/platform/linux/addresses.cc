#include "platform/addresses.h"

#include <sys/mman.h>

namespace lineshaft {

std::byte* reserve_addresses(int64_t bytes) noexcept {
  void* range =
      mmap(nullptr, static_cast<size_t>(bytes), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return range == MAP_FAILED ? nullptr : static_cast<std::byte*>(range);
}

}  // namespace lineshaft
