// The guest's end of a session: the handshake, and the frames by which the server reports progress. A thread that waits
// receives these frames itself; there is no thread for that.
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

// Connects and makes the handshake. Throws Error, with the address and advice, where that fails.
struct Greeted {
  std::unique_ptr<wire::Channel> channel;
  wire::Welcome welcome;
};
LINESHAFT_COMMAND_EXPORT Greeted greet(const std::string& address);

// The properties of the server's device `index`. Throws Error(kProtocol) where the server's information is not valid.
DeviceProperties properties_of(const wire::DeviceInfo& info, int index, bool asked_for);

class Client {
 public:
  // Opens a device that the server has listed. Throws Error(kDeviceLost) where the server now has another device under
  // that number, for example after a restart with other devices.
  Client(const std::string& address, const DeviceProperties& device);
  ~Client();

  wire::Channel& channel() { return *channel_; }
  std::span<std::byte> window() { return channel_->window(); }

  // Sends a frame. Throws the session's error once it is lost.
  void send(wire::FrameType type, std::span<const std::byte> payload);
  // Handles the frames that have arrived, without waiting.
  void poll() noexcept;
  // Receives until `ready()`, which is called with the lock held, or the session is lost.
  void wait(const std::function<bool()>& ready);

  // Notes the events of a list that is sent. They get their times, in order, when they are reached.
  void expect_events(const CommandList& list);
  // Notes that `size` bytes have been requested. They are stored to `destination` unless they arrive through the
  // window.
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

  std::mutex mutex_;  // protects the members below
  std::condition_variable received_;
  bool receiving_ = false;
  std::deque<EventState*> events_;
  std::deque<Pending> reads_;
  std::optional<Error> error_, lost_;

  std::atomic<uint64_t> completed_{0}, reads_done_{0}, dispatches_{0}, reports_{0};
  std::atomic<int64_t> reserved_{0}, in_use_{0}, limit_{INT64_MAX};
};

}  // namespace lineshaft::remote
