// One guest's session, in the process that serves it: copies what the guest sends, decodes it, checks it and hands it
// to the device. What the guest sends can end its session, with a reason on both sides, and nothing else.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "commands/codec.h"
#include "commands/validate.h"
#include "lineshaft/device/device.h"
#include "server/dispatcher.h"
#include "server/memory_account.h"
#include "server/session_page.h"
#include "wire/channel.h"

namespace lineshaft {

struct SessionOptions {
  uint64_t number = 0;
  std::string release;                    // of this Lineshaft
  std::vector<wire::DeviceInfo> devices;  // that the guest may open; memory is its quota
  std::function<std::unique_ptr<Device>(int)> open;
  std::function<void()> opened;  // once the device is open, before anything of the guest runs on it
  Lease* lease = nullptr;
  int64_t slice_ns = 4'000'000;      // how long the device is its while others wait
  SessionPage* page = nullptr;       // for statistics
  MemoryAccount* account = nullptr;  // of the guest
  uint32_t max_buffers = 1 << 20;
};

class Session {
 public:
  Session(wire::Channel& channel, SessionOptions options);
  ~Session();

  // A quota with what scratch, caches and the gaps between buffers may take beside it: the device's limit.
  static int64_t with_allowance(int64_t quota);

  // Serves until the guest says goodbye. Throws Error(kDeviceLost) when it vanishes, and what ended the session where
  // it did wrong; the guest has been told then.
  void run();

 private:
  void greet();
  void open();
  void serve();
  std::optional<wire::Frame> next();
  void execute(const wire::Frame& frame);
  void count(const CommandList& list);
  void read(const wire::Frame& frame);
  void settle();    // waits for the device, gives the lease back, reports
  void report();    // errors and completions so far
  void complete();  // completions, also where there are none
  void send_failure(wire::FrameType type, const Error& error);

  wire::Channel& channel_;
  SessionOptions options_;
  SessionPage own_page_{};
  SessionPage& page_;
  MemoryAccount own_account_;
  MemoryAccount& account_;
  Decoder decoder_;
  BufferTable buffers_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<Device> device_;  // ends before the lists that it may still run
  std::optional<Error> shortage_;   // of memory, not reported
  uint64_t submitted_ = 0, reported_ = 0;
};

}  // namespace lineshaft
