// Decides which session may use a device. While guests compete for it, each is entitled to a share of the time by its
// weight. The time to which a guest was entitled minus the time that it got is its credit; of the waiting guests, the
// one with the most credit gets the device next. So the shares do not depend on what guests submit and how long their
// lists run. A guest without competitors keeps the device.
//
// The class only computes with times that the caller passes; it has no clock and no threads. The times of successive
// calls must ascend. One thread at a time uses it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lineshaft {

class LeaseScheduler {
 public:
  // `slice_ns` is how long a guest keeps the device while others wait.
  explicit LeaseScheduler(int64_t slice_ns) : slice_ns_(slice_ns) {}
  LeaseScheduler(LeaseScheduler&&) = default;

  // Adds a session. The sessions of an account share its weight evenly; the account has the weight that was given last.
  void add(uint64_t session, const std::string& account, double weight);
  // Removes a session. If it held the device, the device is free.
  void remove(uint64_t session, int64_t now_ns);
  void want(uint64_t session, int64_t now_ns);
  // The holder has stopped using the device, which becomes free.
  void give_back(uint64_t session, int64_t now_ns);
  // Grants the device, if it is free and a session waits. Returns the session that gets it.
  std::optional<uint64_t> grant(int64_t now_ns);

  std::optional<uint64_t> holder() const { return holder_; }
  bool waits(uint64_t session) const;
  bool contended() const;  // whether a session waits while another one holds the device
  // Whether the holder has to stop, because its slice is over and a waiting session has more credit. Where no waiting
  // session has more, another slice begins. Once true, it stays true until the device is free.
  bool due(int64_t now_ns);
  // Since when due() is true.
  std::optional<int64_t> due_since() const { return due_since_; }
  // When due() may become true; nothing while no session waits, and after due() has become true.
  std::optional<int64_t> deadline() const;
  int64_t granted_at() const { return granted_at_; }

 private:
  struct Party {
    double weight = 1;
    double credit = 0;  // nanoseconds of the device
    bool competes = false;
  };
  struct Account : Party {
    int sessions = 0;
  };
  struct Session : Party {
    Account* account;
    bool waits = false;
  };
  using Sessions = std::map<uint64_t, Session>;

  void advance(int64_t now_ns);
  static void share(const std::vector<Party*>& parties, Party* holder, double passed);
  Sessions::const_iterator first_in_line() const;
  static double lead(const Session& one, const Session& other);

  int64_t slice_ns_;
  std::map<std::string, Account> accounts_;
  Sessions sessions_;
  std::optional<uint64_t> holder_;
  std::optional<int64_t> due_since_;
  int64_t granted_at_ = 0;
  int64_t slice_began_ = 0;
  int64_t advanced_to_ = 0;
};

}  // namespace lineshaft
