// A page of memory that broker and worker share for a session: who has the device, and statistics. A worker that an
// attacker controls can write wrong values there, but only about itself.
#pragma once

#include <atomic>
#include <cstdint>

namespace lineshaft {

enum class LeaseState : uint32_t {
  kNone,
  kGranted,  // granted, but not yet used by the worker; the broker takes it back once the slice is over
  kMissed,   // the broker has taken it back; the worker has to request it again
  kBusy,     // held and in use
  kIdle,     // held by the worker without work on the device; the broker may take it
};

// Whether, and how urgently, other sessions want the device that this session holds.
enum class LeaseWish : uint32_t {
  kNone,
  kWhenIdle,
  kNow,  // the slice is over: give it back after the running list
};

struct SessionPage {
  std::atomic<LeaseState> lease;
  std::atomic<LeaseWish> wanted;
  std::atomic<int64_t> granted_ns;  // when the lease was granted, by the monotonic clock
  std::atomic<int64_t> busy_ns;     // total time in use
  std::atomic<int64_t> memory;      // bytes of live buffers
  std::atomic<uint64_t> buffers;    // number of live buffers
  std::atomic<uint64_t> lists, operations, received, uploaded, downloaded;  // received: bytes of frames
};

}  // namespace lineshaft
