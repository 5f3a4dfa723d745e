#include "csrc/core/address_space.h"

#include <c10/util/Exception.h>
#include <sys/mman.h>

#include <bit>
#include <utility>

namespace lineshaft::torch {
namespace {

constexpr int64_t kPage = 4096;
constexpr int64_t kLargestRange = int64_t{1} << 44;
constexpr int64_t kSmallestRange = int64_t{1} << 36;

}  // namespace

Buffer* AddressSpace::FreeList::take(int number) {
  Buffer* buffer = first[number];
  if (buffer) first[number] = buffer->next_free;
  return buffer;
}

void AddressSpace::FreeList::add(Buffer* buffer, int number) {
  buffer->next_free = first[number];
  first[number] = buffer;
}

// What a thread has given back and takes again without the lock: a few of each class. What is more, and what it has
// when it ends, is everybody's.
class AddressSpace::Kept {
 public:
  // Null while the thread ends.
  static Kept* of_thread() { return kept_ ? kept_ : begin(); }

  ~Kept() {
    for (int number = 0; number < kClasses; ++number)
      while (Buffer* buffer = take(number)) address_space().give_to_all(buffer, number);
  }

  Buffer* take(int number) {
    Buffer* buffer = free_.take(number);
    if (buffer) --count_[number];
    return buffer;
  }

  bool give_back(Buffer* buffer, int number) {
    if (count_[number] == kMost) return false;
    free_.add(buffer, number);
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
  for (int64_t size = kLargestRange; size >= kSmallestRange; size /= 2) {
    void* range = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) continue;
    next_ = static_cast<std::byte*>(range);
    end_ = next_ + size;
    return;
  }
  TORCH_CHECK(false, "lineshaft cannot reserve ", kSmallestRange >> 30,
              " GiB of addresses (no memory is used by them); raise the limit: ulimit -v unlimited");
}

int AddressSpace::class_of(int64_t bytes) {
  auto size = static_cast<uint64_t>(std::max(bytes, kPage));
  int log = std::bit_width(size - 1) - 1;  // 2^log < size <= 2^(log + 1)
  uint64_t step = (uint64_t{1} << log) / 4;
  auto part = static_cast<int>((size - 1 - (uint64_t{1} << log)) / step);
  return log * 4 + part;
}

int64_t AddressSpace::size_of_class(int number) {
  int64_t base = int64_t{1} << (number / 4);
  return base + base / 4 * (number % 4 + 1);
}

Buffer* AddressSpace::take(int64_t bytes) {
  int number = class_of(bytes + 1);  // one byte more: the end of one interval is not the start of the next
  Kept* kept = Kept::of_thread();
  if (Buffer* buffer = kept ? kept->take(number) : nullptr) return buffer;
  std::lock_guard lock(mutex_);
  if (Buffer* buffer = free_.take(number)) return buffer;
  int64_t interval = size_of_class(number);
  TORCH_CHECK_WITH(OutOfMemoryError, interval <= end_ - next_, "lineshaft has no addresses left for a tensor of ",
                   bytes, " bytes; raise the limit: ulimit -v unlimited");
  auto* buffer = new Buffer;
  buffer->address = next_;
  buffer->interval = interval;
  next_ += interval;
  by_address_[buffer->address] = buffer;
  return buffer;
}

void AddressSpace::give_back(Buffer* buffer) {
  int number = class_of(buffer->interval);
  Kept* kept = Kept::of_thread();
  if (!kept || !kept->give_back(buffer, number)) give_to_all(buffer, number);
}

void AddressSpace::give_to_all(Buffer* buffer, int number) {
  std::lock_guard lock(mutex_);
  free_.add(buffer, number);
}

Buffer* AddressSpace::find(const void* address) {
  auto* at = static_cast<const std::byte*>(address);
  std::lock_guard lock(mutex_);
  auto after = by_address_.upper_bound(at);
  if (after == by_address_.begin()) return nullptr;
  Buffer* buffer = std::prev(after)->second;
  return at < buffer->address + buffer->interval ? buffer : nullptr;
}

}  // namespace lineshaft::torch
