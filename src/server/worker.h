// A worker: the process that serves one session of a guest. It gets its order and the guest's descriptors from the
// broker over the control socket. It ends when the broker says so, or when the broker has ended and the socket is
// closed.
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
  bool proven = true;   // false: the handshake gives the guest's identity, and the broker then has to admit it
  std::string certificate, key, authority;
  std::vector<wire::DeviceInfo> devices;  // what the guest is told about the devices
  std::vector<std::string> ids;           // "vulkan:0": the ids of the same devices on this machine
  bool sandbox = true;
  std::string user;      // the user to change to; empty: no change
  uint32_t account = 0;  // the session's slot in its guest's account, if `proven`
  int64_t slice_ns = 0;  // how long the session keeps the device while others wait

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

// Messages from worker to broker, each a packet.
enum class WorkerNote : uint8_t {
  kWant,        // requests the device; SessionPage::lease is the answer
  kGiveBack,    // gives the device back, as requested
  kYield,       // gives the device back as requested, and requests it again
  kOpened,      // u32: the number of the device
  kEnd,         // text: why the session is over, for the log
  kIdentity,    // text: the identity that the guest's keys prove; an Admission is the answer
  kForbidden,   // text: the number of a system call that the sandbox forbids; the last packet
  kUnconfined,  // text: which confinement of the worker is missing, for the log
};

// The broker's answer to kIdentity. If the guest is admitted, the packet also carries the descriptor of its account.
struct Admission {
  std::string refusal;  // why the guest is refused; empty: it is admitted
  int64_t memory = 0;   // its quota on each device
  uint32_t account = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v(self.refusal);
    v(self.memory);
    v(self.account);
  }
};

// Bytes of host memory that a worker may take, for a guest with this quota.
int64_t worker_memory(int64_t quota);

// Runs a worker; the broker is at the other end of `control`. Returns the exit status of the process.
LINESHAFT_COMMAND_EXPORT int run_worker(Descriptor control);

}  // namespace lineshaft
