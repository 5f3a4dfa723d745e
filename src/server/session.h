// One guest's session, in the process that serves it: copies what the guest sends, decodes it, checks it and hands it
// to the device. What the guest sends can end its session, with a reason on both sides, and nothing else.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "device/device.h"
#include "server/session_page.h"
#include "stream/codec.h"
#include "stream/validate.h"
#include "wire/channel.h"

namespace lineshaft {

// Leave to use the device, taken before work is submitted and given back when there is none.
class Lease {
 public:
  virtual ~Lease() = default;
  virtual void take() = 0;  // waits for it; at once where it is held
  virtual void give_back() = 0;
  virtual void yield() = 0;      // held: gives it back and asks for it again, in one step; take() waits for it
  virtual bool contended() = 0;  // held, and somebody else waits
  virtual bool wanted() = 0;     // and it is used up
};

struct SessionOptions {
  uint64_t number = 0;
  std::string release;                    // of this Lineshaft
  std::vector<wire::DeviceInfo> devices;  // that the guest may open; memory is its quota
  std::function<std::unique_ptr<Device>(int)> open;
  std::function<void()> opened;  // once the device is open, before anything of the guest runs on it
  Lease* lease = nullptr;
  SessionPage* page = nullptr;  // for statistics
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
  void settle();  // waits for the device, gives the lease back, reports
  // In this order: a guest that reads nothing blocks whoever sends to it.
  void release_and_report();
  void report();  // errors and completions so far
  void retire();  // lists that have run
  void send_failure(wire::FrameType type, const Error& error);

  struct Running {
    std::unique_ptr<CommandList> list;
    uint64_t ticket;
  };
  wire::Channel& channel_;
  SessionOptions options_;
  SessionPage own_page_{};
  SessionPage& page_;
  Decoder decoder_;
  BufferTable buffers_;
  std::deque<Running> running_;
  size_t running_bytes_ = 0;
  std::vector<std::unique_ptr<CommandList>> spare_;
  std::unique_ptr<Device> device_;  // ends before the lists that it may still run
  std::vector<int64_t> events_;     // reached and not reported
  uint64_t submitted_ = 0, reported_ = 0;
};

}  // namespace lineshaft
