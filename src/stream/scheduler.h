// Closes a stream's windows, and has them traced, fused and run in order: by the stream's own thread or, where the
// executor allows any thread, by a thread that waits.
//
// All functions are called with the stream's lock held, except where noted. Functions that take the lock as an argument
// may release it during the call.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "lineshaft/stream/stream.h"
#include "stream/stream_buffers.h"
#include "stream/window_meter.h"
#include "trace/trace.h"

namespace lineshaft {

class Scheduler {
 public:
  using Lock = std::unique_lock<std::mutex>;
  enum class Pause { kMay, kNever };  // whether a call may wait where the device is far behind

  // The arguments belong to the stream and outlive the scheduler. Starts the thread.
  Scheduler(Executor& executor, const StreamOptions& options, std::mutex& mutex, CommandWindow& window,
            StreamBuffers& buffers);
  ~Scheduler();  // call it without the lock. Runs what is recorded, then ends the thread
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // To be called after each append: closes the window where it is full, or makes sure that it is closed later. It is
  // inline because it follows every operation.
  void appended(Lock& lock, Pause pause = Pause::kMay) {
    if (window_.captured) return;
    switch (meter_.size()) {
      case WindowMeter::Size::kFull:
        return close_due(lock, pause);
      case WindowMeter::Size::kLarge:
        window_.due = true;
        return;
      case WindowMeter::Size::kSmall:
        if (window_.list.commands.size() == 1) begun(lock);
    }
  }
  // Adds `bytes` to what the open window creates. Where that is much, the thread starts early.
  void weigh(int64_t bytes) {
    meter_.add_bytes(bytes);
    if (short_ && !meter_.makes_little()) [[unlikely]]
      start_early();
  }

  // Closes the window, except for the creations at its end: buffers that were created last are for the next operation
  // and go to the next window with it.
  void close_due(Lock& lock, Pause pause = Pause::kMay);
  // Closes the window if that is allowed, and wakes the thread. Returns the ticket of the last closed window.
  uint64_t close_window();
  // The same without waking the thread, for a caller that then waits.
  uint64_t seal_window();
  uint64_t open_ticket() const { return next_ticket_; }  // the ticket that the open window will have
  uint64_t submitted() const { return submitted_; }      // the last ticket that was submitted to the executor

  void send(Lock& lock, uint64_t ticket);  // submits windows on this thread where the executor allows that
  void throttle(Lock& lock);               // waits while the device is far behind
  // Waits until a list has run, so that its staging blocks are free again. False during a capture, where the blocks may
  // be in a window that does not close. Call it without the lock.
  bool reclaim();

  // Runs the function after everything that is recorded. Throws what the function throws, and deferred errors.
  void run_task(Lock& lock, void (*function)(Executor&, void*), void* context);
  void wait_ticket(Lock& lock, uint64_t ticket);  // throws deferred errors
  void rethrow() {                                // throws a deferred error, once
    if (error_) [[unlikely]]
      raise();
  }

  bool idle() const;
  Stream::Counters counters() const { return counters_; }  // of closed windows

 private:
  struct Closed {
    std::unique_ptr<CommandList> list;
    uint64_t ticket = 0;
  };
  struct Task;                                 // a function that runs after a ticket, such as a read or a trim
  enum class Sleep { kAwake, kBrief, kDeep };  // how the thread sleeps; after kBrief it wakes by itself
  using Clock = std::chrono::steady_clock;

  [[noreturn]] void raise();
  void begun(Lock& lock);  // the open window has its first command
  void start_early();
  void run();  // the thread
  void sleep(Lock& lock);
  bool await_activity(Lock& lock);  // polls for a moment; false where nothing happened
  void wake_thread();
  bool any_thread() const;   // whether a thread that waits may do the work
  bool starts_late() const;  // whether an early start of the window gains little
  bool far_behind() const;   // whether the closed windows would take long
  bool step(Lock& lock);     // runs the next window or task that is due; false where none is
  template <class F>
  void work(Lock& lock, F enough);  // calls step() until `enough()`
  void stop_working();
  template <class F>
  void await(Lock& lock, F done);  // by doing the work, where the executor allows any thread, or by sleeping
  void execute(Closed closed);     // without the lock
  void retire();                   // reuses lists that have run
  void finish(Lock& lock, Task& task);

  Executor& executor_;
  const StreamOptions& options_;
  std::mutex& mutex_;
  CommandWindow& window_;
  StreamBuffers& buffers_;
  WindowMeter meter_;

  std::condition_variable work_;  // the stream's thread waits for it
  std::condition_variable done_;  // other threads wait for it
  std::deque<Closed> queue_;
  std::vector<std::unique_ptr<CommandList>> spare_;
  std::deque<Closed> running_;  // submitted, kept until done
  std::deque<Task*> tasks_;
  std::atomic<uint32_t> activity_{0};  // counts events to which the thread may have to react
  uint32_t slept_at_ = 0;              // the count when the thread last slept
  Sleep sleep_ = Sleep::kAwake;
  bool short_ = false;                          // the last window was short, and this one creates little so far
  bool working_ = false;                        // a thread is in work()
  std::optional<Clock::time_point> executing_;  // since when a window is being executed
  Clock::duration pace_{};                      // the mean time of a window
  double closed_work_ = 0;                      // units of the windows that were closed while the last one ran
  bool stop_ = false;
  uint64_t next_ticket_ = 1;  // of the open window
  std::atomic<uint64_t> submitted_ = 0;
  std::optional<Error> error_;
  Stream::Counters counters_;
  std::unique_ptr<TraceWriter> trace_;  // null without options.trace
  std::thread thread_;
};

}  // namespace lineshaft
