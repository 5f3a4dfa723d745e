// One real device for all the sessions of a fuzzer's process, as opening one takes longer than most sessions. A session
// leaves nothing behind on it, and what would not end soon does not run.
#pragma once

#include <deque>
#include <memory>
#include <unordered_set>

#include "lineshaft/device/device.h"

namespace lineshaft::fuzz {

class KeptDevice final : public Device {
 public:
  // The device that LINESHAFT_FUZZ_DEVICE names, "cpu:0" by default. One at a time.
  KeptDevice();
  // Releases the session's buffers.
  ~KeptDevice() override;
  // Of memory, since the process began.
  static int64_t most_reserved();

  Threads threads() const override;
  void submit(const CommandList& list, uint64_t ticket) override;
  uint64_t completed() const override;
  void wait(uint64_t ticket) override;
  void read(BufferId buffer, int64_t offset, void* destination, int64_t size) override;
  std::optional<Error> take_error() override;
  void trim() override;
  ExecutorMemory memory() const override;
  const DeviceProperties& properties() const override;
  uint64_t dispatches() const override;
  void limit_memory(int64_t bytes) override;

 private:
  void note_memory();

  uint64_t first_;  // the device's tickets up to this one are earlier sessions'
  uint64_t submitted_ = 0;
  std::deque<CommandList> lists_;  // without what takes long; until they are done
  std::unordered_set<uint64_t> live_;
};

}  // namespace lineshaft::fuzz
