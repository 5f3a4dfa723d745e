#include "platform/addresses.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace lineshaft {

int64_t page_bytes() {
  return sysconf(_SC_PAGESIZE);
}

std::byte* reserve_addresses(int64_t bytes, int64_t alignment) noexcept {
  int64_t spare = alignment > page_bytes() ? alignment : 0;
  auto size = static_cast<size_t>(bytes + spare);
  void* found = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (found == MAP_FAILED) return nullptr;
  auto* start = static_cast<std::byte*>(found);
  if (!spare) return start;
  auto over = static_cast<int64_t>(reinterpret_cast<uintptr_t>(start) % static_cast<uintptr_t>(alignment));
  int64_t before = over ? alignment - over : 0;
  release_addresses(start, before);
  release_addresses(start + before + bytes, spare - before);
  return start + before;
}

void release_addresses(std::byte* range, int64_t bytes) noexcept {
  if (bytes > 0) munmap(range, static_cast<size_t>(bytes));
}

int64_t address_limit() {
  rlimit limit{};
  bool limited = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  return limited && limit.rlim_cur <= INT64_MAX ? static_cast<int64_t>(limit.rlim_cur) : INT64_MAX;
}

bool commit_memory(std::byte* part, int64_t bytes) noexcept {
  return mprotect(part, static_cast<size_t>(bytes), PROT_READ | PROT_WRITE) == 0;
}

void decommit_memory(std::byte* part, int64_t bytes) noexcept {
  discard_memory(part, bytes);
  mprotect(part, static_cast<size_t>(bytes), PROT_NONE);
}

void discard_memory(std::byte* part, int64_t bytes) noexcept {
  madvise(part, static_cast<size_t>(bytes), MADV_DONTNEED);
}

void prefer_huge_pages(std::byte* part, int64_t bytes) noexcept {
  madvise(part, static_cast<size_t>(bytes), MADV_HUGEPAGE);
}

}  // namespace lineshaft
