// Sending and receiving over connected sockets.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "platform/descriptor.h"

namespace lineshaft {

// What a call that does not wait has done. No bytes, and neither of the others: nothing is there or has room now.
struct Transfer {
  size_t bytes = 0;
  bool ended = false;   // the peer sends no more
  bool broken = false;  // the connection is
};
Transfer receive_now(const Descriptor& socket, std::span<char> bytes) noexcept;
Transfer send_now(const Descriptor& socket, std::string_view bytes) noexcept;

// Sends a packet, and waits while there is no room for it. Nothing where the peer is gone. A process in a sandbox
// (platform/sandbox.h) may call it.
void send_packet(const Descriptor& socket, std::string_view packet) noexcept;

// Ends both directions: the peer sees it, and calls that wait return.
void hang_up(const Descriptor& socket) noexcept;

// The connection of somebody at the door of a socket that listens without waiting: close-on-exec and non-blocking, and
// empty where nobody is there. Throws Error(kOutOfMemory) where the system has no descriptor or memory for it: whoever
// is at the door stays there.
Descriptor accept_now(const Descriptor& listener);

}  // namespace lineshaft
