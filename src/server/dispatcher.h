// Runs a session's lists on its device, in turns: a list that takes long is cut into parts of about half a slice, and
// between parts the device passes to others that wait for it. Commands run in the order of the lists, each with the
// commands before it done or under way on the same device: the results are those of whole lists.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "lineshaft/device/device.h"
#include "server/cost_model.h"

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

class Dispatcher {
 public:
  // `lease` may be null: the device is the session's alone; `slice_ns` is how long it is the session's while others
  // wait. `yielded` is called when the device has passed to others, before it is waited for.
  Dispatcher(Device& device, Lease* lease, int64_t slice_ns, std::function<void()> yielded)
      : device_(device), lease_(lease), slice_ns_(static_cast<double>(slice_ns)), yielded_(std::move(yielded)) {}

  // Tickets ascend. Waits for the device's turn, and where much is under way.
  void submit(std::unique_ptr<CommandList> list, uint64_t ticket);
  bool idle() const { return device_.completed() >= dispatched_; }
  void wait();       // until all that is submitted is done
  void give_back();  // the lease, when nothing is under way
  // The last ticket of which all is done.
  uint64_t completed();
  // Times of the events that are reached and not taken from here, of completed lists, in order.
  std::vector<int64_t>& events() { return events_; }
  // A list to fill: one that has run, where there is one.
  std::unique_ptr<CommandList> spare();

 private:
  struct Running {
    std::unique_ptr<CommandList> list;
    uint64_t ticket;
    uint64_t last = 0;                                // the device's ticket of its last part; 0: not dispatched yet
    std::vector<std::unique_ptr<CommandList>> parts;  // they borrow from `list`
  };
  struct Part {
    uint64_t ticket;  // the device's
    int64_t began;
    Cost cost;
  };
  void await_turn();
  void make_room();
  void dispatch(const CommandList& commands, const Cost& cost);
  // What is done, at least up to a ticket that was waited for, and how long it took.
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
  int64_t observed_ = 0;  // when a part was last seen to be done
  uint64_t dispatched_ = 0, retired_ = 0;
  std::vector<int64_t> events_;
  std::vector<std::unique_ptr<CommandList>> spare_;
};

}  // namespace lineshaft
