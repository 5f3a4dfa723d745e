// Who does a stream's work, and when: closes its windows, and has them fused, traced and run in order by the stream's
// own thread or, where the executor lets any thread, by one that waits.
//
// All functions are called with the stream's lock held, except where noted. Those that take the lock as an argument may
// let go of it meanwhile.
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
  enum class Pause { kMay, kNever };  // where the device is far behind

  // All that it refers to is the stream's, and outlives it. Starts the thread.
  Scheduler(Executor& executor, const StreamOptions& options, std::mutex& mutex, CommandWindow& window,
            StreamBuffers& buffers);
  ~Scheduler();  // without the lock. Runs what is recorded, then ends the thread
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // After an append: closes the window where it is full, or sees to it that somebody does. Inline, for it follows
  // every operation.
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
  // The open window makes so many bytes more: where it is much, the thread starts early.
  void weigh(int64_t bytes) {
    meter_.add_bytes(bytes);
    if (short_ && !meter_.makes_little()) [[unlikely]]
      start_early();
  }

  // Closes the window but for the creations at its end. What was created last is for the operation that comes, and goes
  // to the next window with it.
  void close_due(Lock& lock, Pause pause = Pause::kMay);
  // Closes the window if it may, and wakes the thread; returns the ticket of all that is closed.
  uint64_t close_window();
  // The same for who then waits: does not wake the thread.
  uint64_t seal_window();
  uint64_t open_ticket() const { return next_ticket_; }  // that the open window will have
  uint64_t submitted() const { return submitted_; }      // the last ticket that the executor has

  void send(Lock& lock, uint64_t ticket);  // hands windows over here where any thread may
  void throttle(Lock& lock);               // waits while the device is far behind
  // Waits for a list that has run to give its staging back; false where that may be in a window that does not close,
  // because a graph is captured. Without the lock.
  bool reclaim();

  // Runs the function after all that is recorded; throws what it throws, and deferred errors.
  void run_task(Lock& lock, void (*function)(Executor&, void*), void* context);
  void wait_ticket(Lock& lock, uint64_t ticket);  // throws deferred errors
  void rethrow() {                                // a deferred error, once
    if (error_) [[unlikely]]
      raise();
  }

  bool idle() const;
  Stream::Counters counters() const { return counters_; }  // of what was closed

 private:
  struct Closed {
    std::unique_ptr<CommandList> list;
    uint64_t ticket = 0;
  };
  struct Task;                                 // something that runs after a ticket: a read, a trim
  enum class Sleep { kAwake, kBrief, kDeep };  // the thread's; from a brief one it wakes by itself
  using Clock = std::chrono::steady_clock;

  [[noreturn]] void raise();
  void begun(Lock& lock);  // the open window has its first command
  void start_early();
  void run();  // the thread
  void sleep(Lock& lock);
  bool await_activity(Lock& lock);  // for a moment
  void wake_thread();
  bool any_thread() const;   // whether who waits may work
  bool starts_late() const;  // whether the window may well wait for who waits
  bool far_behind() const;   // whether what waits would take long
  bool step(Lock& lock);     // does the next thing that is due; false where nothing is
  template <class F>
  void work(Lock& lock, F enough);  // does what is due until `enough()`
  void stop_working();
  template <class F>
  void await(Lock& lock, F done);  // by working, where the executor lets any thread, or by sleeping
  void execute(Closed closed);     // without the lock
  void retire();                   // lists that have run
  void finish(Lock& lock, Task& task);

  Executor& executor_;
  const StreamOptions& options_;
  std::mutex& mutex_;
  CommandWindow& window_;
  StreamBuffers& buffers_;
  WindowMeter meter_;

  std::condition_variable work_;  // the stream's thread waits
  std::condition_variable done_;  // others wait
  std::deque<Closed> queue_;
  std::vector<std::unique_ptr<CommandList>> spare_;
  std::deque<Closed> running_;  // submitted, kept until done
  std::deque<Task*> tasks_;
  std::atomic<uint32_t> activity_{0};  // counts what the thread may have to do something about
  uint32_t slept_at_ = 0;              // the count when the thread last slept
  Sleep sleep_ = Sleep::kAwake;
  bool short_ = false;                          // the last window was, and this one makes little so far
  bool working_ = false;                        // somebody does what is due
  std::optional<Clock::time_point> executing_;  // since then, a window
  Clock::duration pace_{};                      // about how long a window takes
  double closed_work_ = 0;                      // units of the windows that were closed while the last one ran
  bool stop_ = false;
  uint64_t next_ticket_ = 1;  // of the open window
  std::atomic<uint64_t> submitted_ = 0;
  std::optional<Error> error_;
  Stream::Counters counters_;
  std::unique_ptr<TraceWriter> trace_;  // what runs, where that is asked for
  std::thread thread_;
};

}  // namespace lineshaft
