// A connection to another process: a byte stream in each direction and, where both ends can map it, shared memory.
// Transports make connections; the protocol over them (wire/) does not depend on the transport.
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

  // Sends all bytes, in order. Blocks while the peer has no room. Throws Error(kDeviceLost) where the peer has closed
  // the connection.
  virtual void send(std::span<const std::byte> bytes) = 0;
  // Receives at least one byte, at most bytes.size(). Waits up to `timeout` (negative: without limit; 0: not at all)
  // and returns 0 where no bytes arrived. Throws Error(kDeviceLost) where the peer has closed the connection and all
  // bytes that it sent have been received.
  virtual size_t receive(std::span<std::byte> bytes, std::chrono::milliseconds timeout) = 0;
  // Memory that both ends map; empty where there is none. The peer may write it at any time.
  virtual std::span<std::byte> window() { return {}; }
  // The identity that the peer's keys prove: "cert:alice". Empty where the kernel gave the identity when the connection
  // was accepted (Arrival::peer).
  virtual std::string identity() const { return {}; }
  // A descriptor that polls as hung up (POLLHUP, POLLRDHUP) once the peer has closed the connection, for a thread that
  // watches it while another one is busy; -1 where there is none. The connection owns it.
  virtual int watch_descriptor() const { return -1; }
  // Closes both directions: calls that block in other threads return. Never throws.
  virtual void close() noexcept = 0;
};

}  // namespace lineshaft
