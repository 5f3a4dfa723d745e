// The broker: lets guests in, starts a worker for each, and says which worker has a device when. It never reads what a
// guest sends.
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

// What a guest may have. The first policy whose identity matches counts.
struct GuestPolicy {
  std::string identity = "*";  // "uid:1000", "cid:3", "cert:alice", "vm:builder"; "*" is everybody
  int64_t memory = INT64_MAX;  // bytes on each device, of all its sessions
  double weight = 1;           // share of a device beside others
  int sessions = 64;           // at once
};

struct ServeOptions {
  std::vector<std::string> addresses;  // "unix:/run/lineshaft/lineshaft.sock"
  std::vector<Descriptor> sockets;     // Unix sockets that listen already: a service manager's
  ListenOptions listen;
  std::vector<DeviceProperties> devices;
  std::vector<GuestPolicy> guests;
  std::vector<std::string> worker;  // the command that runs a worker; its descriptor 3 is the control socket
  std::string release;
  size_t window = size_t{64} << 20;  // bytes of shared memory a session
  int64_t slice_ns = 4'000'000;
  int64_t hang_ns = 60'000'000'000;  // a worker that keeps a device that others wait for so long is killed
  bool sandbox = true;
  std::optional<Cgroups::Options> cgroups;  // a group for each worker, where there may be one
  std::string user;                         // that workers become; empty: the server's own
  std::function<void(const std::string&)> log;
};

class LINESHAFT_COMMAND_EXPORT Broker {
 public:
  // Listens. Throws Error where an address cannot be listened on.
  explicit Broker(ServeOptions options);
  ~Broker();

  // Serves until stop(). Sessions that are left are told that the server shuts down.
  void run();
  // From any thread or a signal handler.
  void stop() noexcept;
  // From any thread; waits for no guest.
  ServerStatus status();
  // From any thread: what guests that come from now on may have.
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
  std::mutex mutex_;                    // guards what follows
  std::map<uint64_t, std::unique_ptr<Session>> sessions_;
  std::map<std::string, std::weak_ptr<SharedAccount>> accounts_;  // by identity, while it has sessions
  std::map<std::string, GuestTotals> ended_;                      // by identity: what sessions that are over have done
  std::vector<double> busy_;                                      // by device, seconds: likewise
  uint64_t next_ = 1, refused_ = 0, failed_ = 0;
  bool stopping_ = false;
  int64_t resting_until_ = 0;  // nobody is let in before: there were no descriptors left
  bool short_ = false;         // likewise, and told
  bool unconfined_ = false;    // has been told
};

}  // namespace lineshaft
