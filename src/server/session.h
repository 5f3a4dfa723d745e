// A session of one guest, in the worker process: copies what the guest sends, decodes it, checks it and submits it to
// the device. Wrong data from the guest only ends its session, with a reason that guest and server get.
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
  std::vector<wire::DeviceInfo> devices;  // that the guest may open; their memory is the guest's quota
  std::function<std::unique_ptr<Device>(int)> open;
  std::function<void()> opened;  // called once the device is open, before anything of the guest runs on it
  Lease* lease = nullptr;
  int64_t slice_ns = 4'000'000;      // how long the session keeps the device while others wait
  SessionPage* page = nullptr;       // for statistics
  MemoryAccount* account = nullptr;  // of the guest; null: the session has one of its own
  uint32_t max_buffers = 1 << 20;
};

class Session {
 public:
  Session(wire::Channel& channel, SessionOptions options);
  ~Session();

  // The memory limit for a device: the quota plus an allowance for scratch, caches and gaps between buffers.
  static int64_t with_allowance(int64_t quota);

  // Serves until the guest ends the session. Throws Error(kDeviceLost) where the connection breaks, and the error that
  // ended the session where the guest sent something wrong; the guest has been told then.
  void run();

 private:
  void greet();
  void open();
  void serve();
  std::optional<wire::Frame> next();
  void execute(const wire::Frame& frame);
  void count(const CommandList& list);
  void read(const wire::Frame& frame);
  void settle();    // waits for the device, gives the lease back, and reports
  void report();    // sends errors and completions so far
  void complete();  // sends completions, even if there is nothing new
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
  std::unique_ptr<Device> device_;  // destroyed before the lists that it may still run
  std::optional<Error> shortage_;   // an out-of-memory error that is not reported yet
  uint64_t submitted_ = 0, reported_ = 0;
};

}  // namespace lineshaft
