// What broker and worker share of a session: who has the device, and what it has done. One page of shared memory; a
// worker that has been taken over can lie in it, about itself only.
#pragma once

#include <atomic>
#include <cstdint>

namespace lineshaft {

enum class LeaseState : uint32_t {
  kNone,
  kGranted,  // the worker's to take up; the broker takes it back once the slice is over
  kMissed,   // it has done so: the worker has to ask again
  kBusy,     // held and in use
  kIdle,     // held by the worker for when it goes on; the broker may take it
};

// Whether others wait for the device that this session holds.
enum class LeaseWish : uint32_t {
  kNone,
  kWhenIdle,
  kNow,  // and its slice is over: after the list that runs
};

struct SessionPage {
  std::atomic<LeaseState> lease;
  std::atomic<LeaseWish> wanted;
  std::atomic<int64_t> granted_ns;                                          // when it was, on the monotonic clock
  std::atomic<int64_t> busy_ns;                                             // in all
  std::atomic<int64_t> memory;                                              // bytes of live buffers
  std::atomic<uint64_t> buffers;                                            // live
  std::atomic<uint64_t> lists, operations, received, uploaded, downloaded;  // received: bytes of frames
};

}  // namespace lineshaft
