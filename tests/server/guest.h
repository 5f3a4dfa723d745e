// Guests of a server under test: one that behaves, as programs are, and one that sends whatever it likes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/remote/client.h"
#include "backends/remote/device.h"
#include "commands/codec.h"
#include "transport/transport.h"

namespace lineshaft::tests {

// A stream on the server's first device.
class Guest {
 public:
  explicit Guest(const std::string& address);
  Stream& stream() { return *stream_; }

  // `steps` of a small training loop whose numbers depend on `seed` only: uploads, products, maps, releases, and the
  // loss read back at each step.
  std::vector<float> train(int steps, uint32_t seed);

 private:
  std::unique_ptr<Device> device_;
  std::unique_ptr<Stream> stream_;
};

// A connection on which any bytes can be sent.
class RawGuest {
 public:
  explicit RawGuest(const std::string& address);

  wire::Channel& channel() { return channel_; }
  void hello() { say_hello({.release = "test", .catalogue = catalogue_hash(), .client = "test"}); }
  void say_hello(const wire::Hello& hello) { channel_.send(wire::FrameType::kHello, hello); }
  // Hello and open, up to an open session on the first device.
  void begin();
  void send(const CommandList& list) { send(list, ++lists_); }
  void send(const CommandList& list, uint64_t number);
  // What the server says when it ends the session; an error that says "no end" where it does not.
  Error end();

 private:
  wire::Channel channel_;
  Encoder encoder_;
  uint64_t lists_ = 0;
};

Command create(int slot, int64_t size, uint32_t generation = 1);
Command release(int slot, uint32_t generation = 1);

}  // namespace lineshaft::tests
