// Waiting for several descriptors at once.
#pragma once

#include <cstdint>
#include <span>

namespace lineshaft {

enum class PollEvent : uint8_t {
  kReadable,  // there is something to read or to accept, or the peer sends no more
  kWritable,  // there is room to write
  kHangUp,    // the peer is gone
};

struct Polled {
  int descriptor = -1;  // -1: is not looked at
  PollEvent event = PollEvent::kReadable;
  bool ready = false;  // what the wait has found; a descriptor that is broken is ready, too
};

// Waits until one is ready, the milliseconds pass (negative: never) or a signal comes. Returns how many are ready, or
// -1 where the system cannot wait: system_error() says why.
int poll_descriptors(std::span<Polled> files, int milliseconds);

}  // namespace lineshaft
