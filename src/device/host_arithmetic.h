// Runs operations in f64 for devices that can store and convert f64 but cannot compute in it: the host's device runs
// them on copies of their buffers.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "lineshaft/device/device.h"

namespace lineshaft {

class HostArithmetic {
 public:
  // Copies bytes of a device's buffers to the host and back.
  struct Buffers {
    std::function<void(BufferId buffer, int64_t offset, std::byte* to, int64_t size)> read;
    std::function<void(BufferId buffer, int64_t offset, const std::byte* from, int64_t size)> write;
  };

  // Runs the operation, waits for it, and returns the error with which it ended, if any. The operation is counted
  // (device/fallback.h); the first one of each name prints a line on the standard error. In FallbackMode::kError it
  // throws `reason`, the device's own error for the operation.
  std::optional<Error> run(const Command& command, const std::string& device, const Error& reason,
                           const Buffers& buffers);
  void limit_memory(int64_t bytes) { limit_ = bytes; }

 private:
  Device& host();

  std::unique_ptr<Device> host_;
  uint64_t ticket_ = 0;
  int64_t limit_ = INT64_MAX;
};

}  // namespace lineshaft
