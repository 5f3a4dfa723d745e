#include "frontend/address_space.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "platform/addresses.h"

namespace lineshaft::frontend {
namespace {

constexpr int64_t kLargestRange = int64_t{1} << 44;
constexpr int64_t kSmallestRange = int64_t{1} << 36;

}  // namespace

Allocation* AddressSpace::FreeList::take(int number) {
  Allocation* allocation = first[number];
  if (allocation) first[number] = allocation->next_free;
  return allocation;
}

void AddressSpace::FreeList::add(Allocation* allocation, int number) {
  allocation->next_free = first[number];
  first[number] = allocation;
}

// What a thread has given back and takes again without the lock: a few of each class. What is more, and what it has
// when it ends, is everybody's.
class AddressSpace::Kept {
 public:
  // Null while the thread ends.
  static Kept* of_thread() { return kept_ ? kept_ : begin(); }

  ~Kept() {
    for (int number = 0; number < kClasses; ++number)
      while (Allocation* allocation = take(number)) address_space().give_to_all(allocation, number);
  }

  Allocation* take(int number) {
    Allocation* allocation = free_.take(number);
    if (allocation) --count_[number];
    return allocation;
  }

  bool give_back(Allocation* allocation, int number) {
    if (count_[number] == kMost) return false;
    free_.add(allocation, number);
    ++count_[number];
    return true;
  }

 private:
  struct Owner {
    ~Owner() {
      ended_ = true;
      delete std::exchange(kept_, nullptr);
    }
  };
  static Kept* begin() {
    if (ended_) return nullptr;
    static thread_local Owner owner;
    (void)owner;
    return kept_ = new Kept;
  }

  static constexpr uint8_t kMost = 64;
  static thread_local Kept* kept_;
  static thread_local bool ended_;
  FreeList free_;
  std::array<uint8_t, kClasses> count_{};
};

thread_local AddressSpace::Kept* AddressSpace::Kept::kept_ = nullptr;
thread_local bool AddressSpace::Kept::ended_ = false;

AddressSpace& address_space() {
  static auto* space = new AddressSpace;
  return *space;
}

AddressSpace::AddressSpace() {
  for (int64_t size = kLargestRange; size >= kSmallestRange && !next_; size /= 2) {
    next_ = reserve_addresses(size);
    if (next_) end_ = next_ + size;
  }
  if (!next_)
    fail(ErrorCode::kOutOfMemory, "lineshaft cannot reserve ", kSmallestRange >> 30,
         " GiB of addresses (no memory is used by them); raise the limit: ulimit -v unlimited");
}

int AddressSpace::class_of(int64_t bytes) {
  auto size = static_cast<uint64_t>(std::max(bytes, kPageBytes));
  int log = std::bit_width(size - 1) - 1;  // 2^log < size <= 2^(log + 1)
  uint64_t step = (uint64_t{1} << log) / 4;
  auto part = static_cast<int>((size - 1 - (uint64_t{1} << log)) / step);
  return log * 4 + part;
}

int64_t AddressSpace::size_of_class(int number) {
  int64_t base = int64_t{1} << (number / 4);
  return base + base / 4 * (number % 4 + 1);
}

Allocation* AddressSpace::take(int64_t bytes) {
  if (bytes > kLargestRange)
    fail(ErrorCode::kOutOfMemory, "a tensor of ", bytes, " bytes is asked for; lineshaft has addresses for ",
         kLargestRange);
  int number = class_of(bytes + 1);  // one byte more: the end of one interval is not the start of the next
  Kept* kept = Kept::of_thread();
  if (Allocation* allocation = kept ? kept->take(number) : nullptr) return allocation;
  std::lock_guard lock(mutex_);
  if (Allocation* allocation = free_.take(number)) return allocation;
  int64_t interval = size_of_class(number);
  if (interval > end_ - next_)
    fail(ErrorCode::kOutOfMemory, "lineshaft has no addresses left for a tensor of ", bytes,
         " bytes; raise the limit: ulimit -v unlimited");
  auto* allocation = new Allocation;
  allocation->address = next_;
  allocation->interval = interval;
  next_ += interval;
  by_address_[allocation->address] = allocation;
  return allocation;
}

void AddressSpace::give_back(Allocation* allocation) {
  int number = class_of(allocation->interval);
  Kept* kept = Kept::of_thread();
  if (!kept || !kept->give_back(allocation, number)) give_to_all(allocation, number);
}

void AddressSpace::give_to_all(Allocation* allocation, int number) {
  std::lock_guard lock(mutex_);
  free_.add(allocation, number);
}

Allocation* AddressSpace::find(const void* address) {
  auto* at = static_cast<const std::byte*>(address);
  std::lock_guard lock(mutex_);
  auto after = by_address_.upper_bound(at);
  if (after == by_address_.begin()) return nullptr;
  Allocation* allocation = std::prev(after)->second;
  return at < allocation->address + allocation->interval ? allocation : nullptr;
}

}  // namespace lineshaft::frontend
