// Byte rings in shared memory: one writer, one reader, on two sides that do not trust each other. Head, tail and the
// reader's state lie on cache lines of their own; what the peer writes there is checked at every use.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lineshaft {

// Lies in shared memory, zeroed at first.
struct RingControl {
  alignas(64) std::atomic<uint64_t> tail;      // bytes ever written
  alignas(64) std::atomic<uint64_t> head;      // bytes ever read
  alignas(64) std::atomic<uint32_t> sleeping;  // 1 while the reader waits for its doorbell
};
static_assert(sizeof(RingControl) == 192);

class RingWriter {
 public:
  RingWriter() = default;
  // `data` has a power of two of bytes.
  RingWriter(RingControl& control, std::span<std::byte> data) : control_(&control), data_(data) {}
  // Copies what there is room for and publishes it; returns how much. `wake` becomes true if the reader sleeps.
  // Throws Error(kProtocol) where the reader's count is impossible.
  size_t write(std::span<const std::byte> bytes, bool& wake);

 private:
  RingControl* control_ = nullptr;
  std::span<std::byte> data_;
  uint64_t tail_ = 0;
};

class RingReader {
 public:
  RingReader() = default;
  RingReader(RingControl& control, std::span<const std::byte> data) : control_(&control), data_(data) {}
  // Copies what there is, up to bytes.size(). Throws Error(kProtocol) where the writer's count is impossible.
  size_t read(std::span<std::byte> bytes);
  bool empty() const { return control_->tail.load() == head_; }
  // Tells the writer to ring from now on. Look once more before sleeping.
  void set_sleeping(bool sleeping) { control_->sleeping.store(sleeping); }

 private:
  RingControl* control_ = nullptr;
  std::span<const std::byte> data_;
  uint64_t head_ = 0;
};

}  // namespace lineshaft
