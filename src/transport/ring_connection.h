// A connection through shared memory: a ring in each direction and the rest as the window. What wakes a sleeping side
// is a Doorbell: an eventfd between processes of one kernel, a port of a virtual machine.
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
  // Waits to be woken, up to `timeout` (negative: for ever). Returns false once the other side is gone.
  virtual bool wait(std::chrono::milliseconds timeout) = 0;
  // Whether the other side is there; never takes a ring away from a thread that waits.
  virtual bool alive() = 0;
  virtual int watch_descriptor() const { return -1; }  // as Connection's
  virtual void close() noexcept = 0;
};

// How shared memory is laid out: a page of control words, the rings, the window.
struct RingLayout {
  static constexpr uint32_t kVersion = 1;
  static constexpr size_t kControl = 4096;
  static constexpr size_t kRing = size_t{1} << 20;  // bytes, each direction
  static constexpr size_t kLeast = kControl + 2 * kRing;
};

enum class Side { kGuest, kServer };

// `memory` holds at least RingLayout::kLeast bytes, zeroed before either side begins, and outlives the connection.
std::unique_ptr<Connection> make_ring_connection(std::span<std::byte> memory, Side side,
                                                 std::unique_ptr<Doorbell> doorbell);

}  // namespace lineshaft
