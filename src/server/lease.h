// Who may use a device now. While guests compete for it each is owed a part of the time, by its weight; the difference
// between what it was owed and what it got is its credit, and who waits with the most gets the device next. So shares
// hold whatever each one submits and however long its lists run; a guest that nobody competes with keeps the device.
//
// Plain bookkeeping on times that are passed in: no clock, no threads. Times of successive calls ascend.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lineshaft {

class LeaseScheduler {
 public:
  // How long a guest keeps the device while others wait.
  explicit LeaseScheduler(int64_t slice_ns) : slice_ns_(slice_ns) {}
  LeaseScheduler(LeaseScheduler&&) = default;

  // All sessions of an account share its weight evenly; the weight that is given last counts.
  void add(uint64_t session, const std::string& account, double weight);
  // The session is gone; what it held is free.
  void remove(uint64_t session, int64_t now_ns);
  void want(uint64_t session, int64_t now_ns);
  // The holder has stopped using the device.
  void give_back(uint64_t session, int64_t now_ns);
  // The session to which the device passes now, if it is free and somebody waits.
  std::optional<uint64_t> grant(int64_t now_ns);

  std::optional<uint64_t> holder() const { return holder_; }
  bool waits(uint64_t session) const;
  bool contended() const;  // somebody waits while another holds
  // Whether the holder has to stop, because its slice is over and somebody who waits has more credit. Where nobody has,
  // another slice begins. Once true, true until the device is free.
  bool due(int64_t now_ns);
  // Since when due() is true.
  std::optional<int64_t> due_since() const { return due_since_; }
  // When due() may become true: nothing while nobody waits, and once it is.
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
