// Operations in f64 on devices that store and convert f64 but do not compute in it: the host's device runs them on
// copies of their buffers.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "lineshaft/device/device.h"

namespace lineshaft {

class HostArithmetic {
 public:
  // How the bytes of a device's buffers come to the host and go back.
  struct Buffers {
    std::function<void(BufferId buffer, int64_t offset, std::byte* to, int64_t size)> read;
    std::function<void(BufferId buffer, int64_t offset, const std::byte* from, int64_t size)> write;
  };

  // Runs the operation, waits for it and gives the error that it ended with. It is counted (device/fallback.h), and the
  // first of each name says on the standard error that the device leaves it to the CPU. Throws `reason`,
  // what the device itself says of the operation, in FallbackMode::kError.
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
