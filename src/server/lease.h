// Who may use a device now. Guests that wait get it in the order of the time that they have used, divided by their
// weight, so that shares hold whatever each one submits; a guest that nobody competes with keeps it.
//
// Plain bookkeeping on times that are passed in: no clock, no threads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace lineshaft {

class LeaseScheduler {
 public:
  // How long a guest keeps the device while others wait.
  explicit LeaseScheduler(int64_t slice_ns) : slice_ns_(slice_ns) {}

  void add(uint64_t session, double weight);
  // The session is gone; what it held is free.
  void remove(uint64_t session);
  // `holder_used_ns` is how long the holder, if any, has used the device since it got it, by its own word: what it used
  // alone is not held against it when a rival comes.
  void want(uint64_t session, int64_t now_ns, int64_t holder_used_ns = 0);
  // The holder has stopped using the device, after `used_ns` by its own word. That counts from the time for which it
  // held the device while others waited to the time for which it held it.
  void give_back(uint64_t session, int64_t used_ns, int64_t now_ns);
  // The session to which the device passes now, if it is free and somebody waits.
  std::optional<uint64_t> grant(int64_t now_ns);

  std::optional<uint64_t> holder() const { return holder_; }
  bool waits(uint64_t session) const;
  bool contended() const;  // somebody waits while another holds
  // When the holder has to be asked to stop: nothing while nobody else waits.
  std::optional<int64_t> deadline() const;
  int64_t granted_at() const { return granted_at_; }

 private:
  struct Entry {
    double weight = 1;
    double used = 0;  // nanoseconds over weight
    bool waits = false;
  };
  // Of time over weight, that a guest keeps while it wants nothing: the gaps between its lists must not cost its share.
  static constexpr int64_t kSavedSlices = 8;
  int64_t slice_ns_;
  std::map<uint64_t, Entry> sessions_;
  std::optional<uint64_t> holder_;
  int64_t granted_at_ = 0;
  int64_t contended_at_ = 0;  // since when others wait for the holder
  double floor_ = 0;          // the least `used` of those that compete: who was idle saves up little
};

}  // namespace lineshaft
