// A worker: the process that serves one guest. It gets its order and the guest's descriptors from the broker over a
// socket, which also ends it: when the broker says so, and when the broker is gone.
#pragma once

#include <string>
#include <vector>

#include "base/command_export.h"
#include "platform/descriptor.h"
#include "wire/messages.h"

namespace lineshaft {

struct WorkerOrder {
  uint64_t session = 0;
  std::string scheme;   // of the transport
  std::string peer;     // for messages
  std::string release;  // of this Lineshaft
  uint64_t window = 0;  // bytes of shared memory
  bool proven = true;   // false: the guest's keys say who it is, and the broker has to admit it
  std::string certificate, key, authority;
  std::vector<wire::DeviceInfo> devices;  // as the guest sees them
  std::vector<std::string> ids;           // "vulkan:0": the same devices here
  bool sandbox = true;
  std::string user;      // to become; empty: as it is
  uint32_t account = 0;  // its slot in its guest's account, where the guest is proven
  int64_t slice_ns = 0;  // how long the device is its while others wait

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v(self.session);
    v(self.scheme);
    v(self.peer);
    v(self.release);
    v(self.window);
    v(self.proven);
    v(self.certificate);
    v(self.key);
    v(self.authority);
    v(self.devices);
    v(self.ids);
    v(self.sandbox);
    v(self.user);
    v(self.account);
    v(self.slice_ns);
  }
};

// From worker to broker, each a packet of its own.
enum class WorkerNote : uint8_t {
  kWant,        // the device; the page's lease word answers
  kGiveBack,    // it, as asked
  kYield,       // gives it back as asked, and wants it
  kOpened,      // u32: the number of the device
  kEnd,         // text: why the session is over, for the log
  kIdentity,    // text: who the guest is, as its keys prove; an Admission answers
  kForbidden,   // text: the number of a system call that the sandbox forbids; the last packet
  kUnconfined,  // text: what does not confine it, for the log
};

// The broker's answer to kIdentity. With it comes the guest's account, where it may come in.
struct Admission {
  std::string refusal;  // why the guest may not come in; empty: it may
  int64_t memory = 0;   // its quota on each device
  uint32_t account = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v(self.refusal);
    v(self.memory);
    v(self.account);
  }
};

// Bytes of the host's memory that a worker may take whose guest has this quota.
int64_t worker_memory(int64_t quota);

// Runs the worker whose broker is at the other end of `control`. Returns the exit status.
LINESHAFT_COMMAND_EXPORT int run_worker(Descriptor control);

}  // namespace lineshaft
