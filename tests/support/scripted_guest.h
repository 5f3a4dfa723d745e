// The server's end of a connection to a guest that says what it is given and is then gone.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>

#include "lineshaft/base/error.h"
#include "transport/connection.h"
#include "wire/frame.h"

namespace lineshaft::tests {

class ScriptedGuest final : public Connection {
 public:
  // `says` and `window` outlive this; `answered` gets each frame of the server.
  ScriptedGuest(std::span<const std::byte> says, std::span<std::byte> window,
                std::function<void(const wire::Frame&)> answered)
      : left_(says), window_(window), answered_(std::move(answered)) {}

  void send(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      std::span<std::byte> space = answers_.space();
      size_t count = std::min(space.size(), bytes.size());
      std::memcpy(space.data(), bytes.data(), count);
      answers_.added(count);
      bytes = bytes.subspan(count);
      while (auto frame = answers_.next()) {
        answered_(*frame);
        answers_.recycle(std::move(*frame));
      }
    }
  }
  size_t receive(std::span<std::byte> bytes, std::chrono::milliseconds timeout) override {
    if (left_.empty() && timeout.count() == 0) return 0;
    if (left_.empty()) fail(ErrorCode::kDeviceLost, "the guest is gone");
    size_t count = std::min(bytes.size(), left_.size());
    std::memcpy(bytes.data(), left_.data(), count);
    left_ = left_.subspan(count);
    return count;
  }
  std::span<std::byte> window() override { return window_; }
  void close() noexcept override {}

 private:
  std::span<const std::byte> left_;
  std::span<std::byte> window_;
  wire::FrameParser answers_;
  std::function<void(const wire::Frame&)> answered_;
};

}  // namespace lineshaft::tests
