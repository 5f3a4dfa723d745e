// The guest's end of a session: the handshake, and the frames that say how far the device is. Whoever waits receives;
// there is no thread for it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>

#include "base/command_export.h"
#include "lineshaft/device/device.h"
#include "wire/channel.h"

namespace lineshaft::remote {

// Connects and says hello. Throws Error naming the address and what to do where that fails.
struct Greeted {
  std::unique_ptr<wire::Channel> channel;
  wire::Welcome welcome;
};
LINESHAFT_COMMAND_EXPORT Greeted greet(const std::string& address);

// What the server says of its device `index`. Throws Error(kProtocol) where that makes no sense.
DeviceProperties properties_of(const wire::DeviceInfo& info, int index, bool asked_for);

class Client {
 public:
  // Opens the device that the server was found to lend. Throws Error(kDeviceLost) where it lends another one under that
  // number by now, as a server that was started anew with other devices does.
  Client(const std::string& address, const DeviceProperties& device);
  ~Client();

  wire::Channel& channel() { return *channel_; }
  std::span<std::byte> window() { return channel_->window(); }

  // Sends a frame. Throws the session's error once it is lost.
  void send(wire::FrameType type, std::span<const std::byte> payload);
  // Takes what has come, without waiting.
  void poll() noexcept;
  // Receives until `ready()`, which is called with the lock held, or the session is lost.
  void wait(const std::function<bool()>& ready);

  // Events in the order in which they were sent; stamped when reached.
  void expect_events(const CommandList& list);
  // A read of `size` bytes is on its way; they go to `destination` if they do not come through the window.
  void expect_data(std::byte* destination, size_t size);

  uint64_t completed() const { return completed_; }
  uint64_t reads_done() const { return reads_done_; }
  uint64_t reports() const { return reports_; }  // Completed messages
  ExecutorMemory memory() const { return {reserved_, in_use_}; }
  int64_t limit() const { return limit_; }
  uint64_t dispatches() const { return dispatches_; }
  std::optional<Error> take_error();
  std::optional<Error> lost();

 private:
  struct Pending {
    std::byte* destination;
    size_t size;
  };
  void receive(std::chrono::milliseconds timeout);
  void handle(const wire::Frame& frame);
  void complete(const wire::Completed& completed);
  void lose(const Error& error) noexcept;

  std::string address_;
  std::unique_ptr<wire::Channel> channel_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable received_;
  bool receiving_ = false;
  std::deque<EventState*> events_;
  std::deque<Pending> reads_;
  std::optional<Error> error_, lost_;

  std::atomic<uint64_t> completed_{0}, reads_done_{0}, dispatches_{0}, reports_{0};
  std::atomic<int64_t> reserved_{0}, in_use_{0}, limit_{INT64_MAX};
};

}  // namespace lineshaft::remote
