#include "transport/ring.h"

#include <algorithm>
#include <cstring>

#include "lineshaft/base/error.h"

namespace lineshaft {

size_t RingWriter::write(std::span<const std::byte> bytes, bool& wake) {
  uint64_t head = control_->head.load(std::memory_order_acquire);
  if (head > tail_ || tail_ - head > data_.size())
    fail(ErrorCode::kProtocol, "the peer says that it has read ", head, " of ", tail_, " bytes of a ring of ",
         data_.size());
  size_t count = std::min(bytes.size(), data_.size() - static_cast<size_t>(tail_ - head));
  if (count == 0) return 0;
  size_t at = tail_ & (data_.size() - 1), first = std::min(count, data_.size() - at);
  std::memcpy(data_.data() + at, bytes.data(), first);
  std::memcpy(data_.data(), bytes.data() + first, count - first);
  tail_ += count;
  control_->tail.store(tail_);  // sequentially consistent: not after the look at `sleeping`
  wake = control_->sleeping.load() != 0;
  return count;
}

size_t RingReader::read(std::span<std::byte> bytes) {
  uint64_t tail = control_->tail.load(std::memory_order_acquire);
  if (tail < head_ || tail - head_ > data_.size())
    fail(ErrorCode::kProtocol, "the peer says that it has written ", tail, " bytes to a ring of ", data_.size(),
         " of which ", head_, " are read");
  size_t count = std::min(bytes.size(), static_cast<size_t>(tail - head_));
  size_t at = head_ & (data_.size() - 1), first = std::min(count, data_.size() - at);
  std::memcpy(bytes.data(), data_.data() + at, first);
  std::memcpy(bytes.data() + first, data_.data(), count - first);
  head_ += count;
  control_->head.store(head_, std::memory_order_release);
  return count;
}

}  // namespace lineshaft
