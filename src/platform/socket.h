// Sending and receiving over connected sockets.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "platform/descriptor.h"

namespace lineshaft {

// The result of a call that does not wait. 0 bytes and neither flag: nothing could be received or sent now.
struct Transfer {
  size_t bytes = 0;
  bool ended = false;   // the peer has ended its stream
  bool broken = false;  // the connection is broken
};
Transfer receive_now(const Descriptor& socket, std::span<char> bytes) noexcept;
Transfer send_now(const Descriptor& socket, std::string_view bytes) noexcept;

// Sends a packet; waits while there is no room for it. Does nothing where the peer has closed the connection. A process
// in a sandbox (platform/sandbox.h) may call it.
void send_packet(const Descriptor& socket, std::string_view packet) noexcept;

// Shuts both directions down: the peer sees the end of the stream, and calls that wait return.
void hang_up(const Descriptor& socket) noexcept;

// Accepts a connection from a listening socket without waiting. The result is close-on-exec and non-blocking; it is
// empty where no connection is pending. Throws Error(kOutOfMemory) where the system has no descriptor or memory for it;
// the connection stays pending.
Descriptor accept_now(const Descriptor& listener);

}  // namespace lineshaft
