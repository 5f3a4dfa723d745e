// A connection through shared memory: a ring in each direction, and the rest as the window. A Doorbell wakes a sleeping
// side: an eventfd between processes of one kernel, or a port of a virtual machine.
#pragma once

#include "platform/descriptor.h"
#include "transport/connection.h"
#include "transport/ring.h"

namespace lineshaft {

class Doorbell {
 public:
  virtual ~Doorbell() = default;
  // Wakes the other side.
  virtual void ring() noexcept = 0;
  // Waits until it is rung, up to `timeout` (negative: without limit). Returns false once the other side has ended.
  virtual bool wait(std::chrono::milliseconds timeout) = 0;
  // Whether the other side still exists. It never consumes a ring for which another thread waits.
  virtual bool alive() = 0;
  virtual int watch_descriptor() const { return -1; }  // as in Connection
  virtual void close() noexcept = 0;
};

// The layout of the shared memory: a page of control words, the two rings, the window.
struct RingLayout {
  static constexpr uint32_t kVersion = 1;
  static constexpr size_t kControl = 4096;
  static constexpr size_t kRing = size_t{1} << 20;  // bytes, each direction
  static constexpr size_t kLeast = kControl + 2 * kRing;
};

enum class Side { kGuest, kServer };

// `memory` has at least RingLayout::kLeast bytes, which are zero before either side begins, and must outlive the
// connection.
std::unique_ptr<Connection> make_ring_connection(std::span<std::byte> memory, Side side,
                                                 std::unique_ptr<Doorbell> doorbell);

}  // namespace lineshaft
