// Ring buffers of bytes in shared memory, with one writer and one reader that do not trust each other. Head, tail and
// the reader's state lie on separate cache lines; what the peer writes there is checked at every use.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lineshaft {

// Lies in shared memory, which is zero at first.
struct RingControl {
  alignas(64) std::atomic<uint64_t> tail;      // number of bytes written since the start
  alignas(64) std::atomic<uint64_t> head;      // number of bytes read since the start
  alignas(64) std::atomic<uint32_t> sleeping;  // 1 while the reader waits for its doorbell to be rung
};
static_assert(sizeof(RingControl) == 192);

class RingWriter {
 public:
  RingWriter() = default;
  // The size of `data` is a power of two.
  RingWriter(RingControl& control, std::span<std::byte> data) : control_(&control), data_(data) {}
  // Writes as many bytes as there is room for, and returns their number. Sets `wake` where the reader sleeps and must
  // be woken. Throws Error(kProtocol) where the reader's position is impossible.
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
  // Reads the bytes that are available, at most bytes.size(), and returns their number. Throws Error(kProtocol) where
  // the writer's position is impossible.
  size_t read(std::span<std::byte> bytes);
  bool empty() const { return control_->tail.load() == head_; }
  // Tells the writer whether to ring the doorbell. After set_sleeping(true), check empty() once more before sleeping.
  void set_sleeping(bool sleeping) { control_->sleeping.store(sleeping); }

 private:
  RingControl* control_ = nullptr;
  std::span<const std::byte> data_;
  uint64_t head_ = 0;
};

}  // namespace lineshaft
