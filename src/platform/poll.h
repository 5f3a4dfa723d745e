// Waiting for several descriptors at once.
#pragma once

#include <cstdint>
#include <span>

namespace lineshaft {

enum class PollEvent : uint8_t {
  kReadable,  // there is data to read or a connection to accept, or the peer has ended its stream
  kWritable,  // there is room to write
  kHangUp,    // the peer has closed the connection
};

struct Polled {
  int descriptor = -1;  // -1: is ignored
  PollEvent event = PollEvent::kReadable;
  bool ready = false;  // the result; a broken descriptor is ready, too
};

// Waits until a descriptor is ready, the milliseconds have passed (negative: no limit), or a signal arrives. Returns
// how many are ready, or -1 where the system cannot wait: system_error() says why.
int poll_descriptors(std::span<Polled> files, int milliseconds);

}  // namespace lineshaft
