// A connection to another process: two byte streams and, where both ends can map it, shared memory. What a transport
// gives; the protocol above (wire/) is the same over all of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace lineshaft {

// One thread sends and one receives at a time; any thread may close.
class Connection {
 public:
  virtual ~Connection() = default;

  // Sends the bytes, in order. Blocks while the peer has no room. Throws Error(kDeviceLost) when the peer is gone.
  virtual void send(std::span<const std::byte> bytes) = 0;
  // Receives at least one byte, at most bytes.size(). Waits up to `timeout` (negative: for ever, 0: not at all); 0
  // where nothing came. Throws Error(kDeviceLost) when the peer is gone and all it sent is received.
  virtual size_t receive(std::span<std::byte> bytes, std::chrono::milliseconds timeout) = 0;
  // Memory that both ends map, empty where there is none. The peer may write it at any time.
  virtual std::span<std::byte> window() { return {}; }
  // Who the peer is, as its keys prove: "cert:alice". Empty where the kernel has said it at the door (Arrival).
  virtual std::string identity() const { return {}; }
  // A file that polls as hung up (POLLHUP, POLLRDHUP) once the peer is gone, for a thread that watches while another is
  // busy; -1 where there is none.
  virtual int watch_descriptor() const { return -1; }
  // Ends both directions: calls that block in other threads return. Never throws.
  virtual void close() noexcept = 0;
};

}  // namespace lineshaft
