// The broker: accepts guests, starts a worker for each, and decides which worker may use a device at what time. It
// never reads what a guest sends.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/command_export.h"
#include "lineshaft/device/device.h"
#include "platform/cgroups.h"
#include "server/lease.h"
#include "server/memory_account.h"
#include "server/session_page.h"
#include "server/status.h"
#include "transport/transport.h"

namespace lineshaft {

// The limits of a guest. The first policy whose identity matches is used.
struct GuestPolicy {
  std::string identity = "*";  // "uid:1000", "cid:3", "cert:alice", "vm:builder"; "*" matches everybody
  int64_t memory = INT64_MAX;  // bytes on each device, for all sessions of the guest together
  double weight = 1;           // share of a device, relative to other guests
  int sessions = 64;           // the most sessions at the same time
};

struct ServeOptions {
  std::vector<std::string> addresses;  // "unix:/run/lineshaft/lineshaft.sock"
  std::vector<Descriptor> sockets;     // Unix sockets that listen already, from a service manager
  ListenOptions listen;
  std::vector<DeviceProperties> devices;
  std::vector<GuestPolicy> guests;
  std::vector<std::string> worker;  // the command that runs a worker, which gets the control socket as descriptor 3
  std::string release;
  size_t window = size_t{64} << 20;  // bytes of shared memory for each session
  int64_t slice_ns = 4'000'000;
  int64_t hang_ns = 60'000'000'000;  // a worker that keeps a device for longer while others wait is killed
  bool sandbox = true;
  std::optional<Cgroups::Options> cgroups;  // a control group for each worker, where that is possible
  std::string user;                         // the user to whom workers change; empty: the server's own
  std::function<void(const std::string&)> log;
};

class LINESHAFT_COMMAND_EXPORT Broker {
 public:
  // Listens at all addresses. Throws Error where that is not possible.
  explicit Broker(ServeOptions options);
  ~Broker();

  // Serves until stop(). Sessions that are then open are told that the server shuts down.
  void run();
  // May be called from any thread and from a signal handler.
  void stop() noexcept;
  // May be called from any thread. Does not wait for guests.
  ServerStatus status();
  // Sets the limits of guests that connect from now on. May be called from any thread.
  void set_guests(std::vector<GuestPolicy> guests);
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  struct Session;
  void poll_once();
  int next_timeout() const;
  std::optional<Arrival> accept(Listener& listener);
  void welcome(Listener& listener);
  void start(const Arrival& arrival, const GuestPolicy& policy);
  void admit(Session& session, const std::string& identity);
  std::string limit(const Session& session);
  AccountSlot account_of(const std::string& identity);
  std::string refusal_of(const std::string& identity, int limit) const;
  bool hear(Session& session);
  void obey(Session& session, char note, const std::string& text);
  void want(Session& session);
  void give_back(Session& session);
  void end(Session& session);
  void schedule(int device);
  const GuestPolicy& policy_of(const std::string& identity) const;
  GuestTotals& totals_of(const std::string& identity);
  SessionStatus status_of(const Session& session) const;
  void log(const Session& session, const std::string& text) const;

  ServeOptions options_;
  Descriptor stop_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::string> addresses_;
  std::unique_ptr<Cgroups> cgroups_;
  std::vector<LeaseScheduler> leases_;  // by device
  std::mutex mutex_;                    // protects the members below
  std::map<uint64_t, std::unique_ptr<Session>> sessions_;
  std::map<std::string, std::weak_ptr<SharedAccount>> accounts_;  // by identity, as long as it has sessions
  std::map<std::string, GuestTotals> ended_;                      // by identity: the totals of ended sessions
  std::vector<double> busy_;                                      // by device: seconds in use by ended sessions
  uint64_t next_ = 1, refused_ = 0, failed_ = 0;
  bool stopping_ = false;
  int64_t resting_until_ = 0;  // no guest is accepted before this time, because there were no descriptors left
  bool short_ = false;         // descriptors are short, and that has been logged
  bool unconfined_ = false;    // that workers are not confined has been logged
};

}  // namespace lineshaft
