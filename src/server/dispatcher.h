// Runs a session's lists on its device, in turns with other sessions: a list that takes long is cut into parts of about
// half a slice, and between parts the device passes to a session that waits for it. Commands are submitted in the order
// of the lists, so the results are the same as those of whole lists.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "lineshaft/device/device.h"
#include "server/cost_model.h"

namespace lineshaft {

// The right to use the device. It is taken before work is submitted and given back when there is no work.
class Lease {
 public:
  virtual ~Lease() = default;
  virtual void take() = 0;  // waits until it is granted; returns at once where it is held
  virtual void give_back() = 0;
  virtual void yield() = 0;  // while held: gives it back and requests it again, in one step; take() then waits for it
  virtual bool contended() = 0;  // whether it is held and another session waits
  virtual bool wanted() = 0;     // whether, in addition, its slice is over
};

class Dispatcher {
 public:
  // `lease` is null where no other session uses the device. `slice_ns` is how long the session keeps the device while
  // others wait. `yielded` is called each time the device has been given to others, before the dispatcher waits for it
  // again.
  Dispatcher(Device& device, Lease* lease, int64_t slice_ns, std::function<void()> yielded)
      : device_(device), lease_(lease), slice_ns_(static_cast<double>(slice_ns)), yielded_(std::move(yielded)) {}

  // Submits a list; tickets ascend. Waits for the lease, and where much work is in flight.
  void submit(std::unique_ptr<CommandList> list, uint64_t ticket);
  bool idle() const { return device_.completed() >= dispatched_; }
  void wait();       // waits until all submitted work is done
  void give_back();  // gives the lease back; call it when no work is in flight
  // The last ticket up to which all work is done.
  uint64_t completed();
  // The times of reached events of completed lists, in order. The caller removes what it has read.
  std::vector<int64_t>& events() { return events_; }
  // An empty list to fill: one that has run, if there is one.
  std::unique_ptr<CommandList> spare();

 private:
  struct Running {
    std::unique_ptr<CommandList> list;
    uint64_t ticket;
    uint64_t last = 0;                                // the device's ticket of its last part; 0: not dispatched yet
    std::vector<std::unique_ptr<CommandList>> parts;  // they point into `list`
  };
  struct Part {
    uint64_t ticket;  // of the device
    int64_t began;
    Cost cost;
  };
  void await_turn();
  void make_room();
  void dispatch(const CommandList& commands, const Cost& cost);
  // Notes which parts are done, at least up to the ticket that was waited for, and how long they took.
  void observe(uint64_t waited_for = 0);
  void retire(uint64_t done);

  Device& device_;
  Lease* lease_;
  double slice_ns_;
  std::function<void()> yielded_;
  CostModel costs_;
  std::deque<Running> running_;
  std::deque<Part> under_way_;
  double under_way_ns_ = 0;
  size_t running_bytes_ = 0;
  int64_t observed_ = 0;  // the time at which a part was last seen to be done
  uint64_t dispatched_ = 0, retired_ = 0;
  std::vector<int64_t> events_;
  std::vector<std::unique_ptr<CommandList>> spare_;
};

}  // namespace lineshaft
