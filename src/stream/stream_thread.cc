// Who does a stream's work: its own thread or, where the executor lets any thread, one that waits for it.
#include <algorithm>
#include <utility>

#include "lineshaft/fusion/fusion.h"
#include "lineshaft/stream/helping.h"
#include "lineshaft/stream/stream.h"
#include "platform/spin.h"
#include "trace/trace.h"

namespace lineshaft {
namespace {

using namespace std::chrono_literals;
constexpr auto kWindowAge = 25us;
constexpr auto kLongAge = 1000us;  // of what gains little by an early start
constexpr auto kLagLimit = 1s;     // of the device; recording pauses beyond
constexpr double kWorkAhead = 4;   // as many windows of the most work may close while one runs

}  // namespace

struct Stream::Task {
  uint64_t ticket;
  void (*function)(Executor&, void*);
  void* context;
  std::atomic<bool> finished = false;
  std::optional<Error> error = {};
};

void Stream::run() {
  Lock lock(mutex_);
  while (true) {
    if (!working_) work(lock, [] { return false; });
    if (stop_ && !working_) {
      if (window_.commands.empty() || capture_) break;
      seal_window();
    } else {
      sleep(lock);
    }
  }
  lock.unlock();
  try {
    executor_.wait(submitted_);
  } catch (const Error&) {  // the device is lost; there is nobody left to tell
  }
}

// A window that stays open as long as one brief sleep is due, and is closed after another. Where others may do the
// work, the thread sleeps briefly as long as something goes on, so that recording need not wake it.
void Stream::sleep(Lock& lock) {
  if (!any_thread() && await_activity(lock)) return;
  auto aging = [&] { return !window_.commands.empty() && !capture_ && !working_; };
  bool ages = aging(), active = std::exchange(slept_at_, activity_.load()) != activity_;
  uint64_t window = next_ticket_;
  if (ages || (any_thread() && active)) {
    sleep_ = Sleep::kBrief;
    work_.wait_for(lock, starts_late() ? kLongAge : kWindowAge);
  } else {
    sleep_ = Sleep::kDeep;
    work_.wait(lock);
  }
  sleep_ = Sleep::kAwake;
  if (!ages || !aging() || window != next_ticket_ || !queue_.empty() || !tasks_.empty()) return;
  if (due_ || !options_.fusion)
    seal_window();
  else
    due_ = true;
}

bool Stream::await_activity(Lock& lock) {
  uint32_t seen = activity_;
  lock.unlock();
  bool changed = spin([&] { return activity_ != seen; });
  lock.lock();
  return changed || activity_ != seen;
}

bool Stream::any_thread() const {
  using enum Executor::Threads;
  Executor::Threads threads = executor_.threads();
  return threads == kOwnUnlessShort ? short_ && queue_.size() <= 1 : threads != kOwn;
}

bool Stream::starts_late() const {
  using enum Executor::Threads;
  Executor::Threads threads = executor_.threads();
  return threads == kRecording || (threads == kOwnUnlessShort && short_);
}

void Stream::weigh(int64_t bytes) {
  window_bytes_ += bytes;
  if (!short_ || window_bytes_ <= kShortBytes) return;
  short_ = false;
  ++activity_;
  wake_thread();
}

void Stream::wake_thread() {
  if (sleep_ != Sleep::kAwake) work_.notify_one();
}

template <class F>
void Stream::work(Lock& lock, F enough) {
  working_ = true;
  while (!enough() && step(lock)) {
  }
  working_ = false;
}

// Of a thread that is not the stream's: what came meanwhile is for that one.
void Stream::stop_working() {
  bool ages = !window_.commands.empty() && sleep_ == Sleep::kDeep;
  if (stop_ || !queue_.empty() || !tasks_.empty() || ages) wake_thread();
}

void Stream::send(Lock& lock, uint64_t ticket) {
  // Where others wait for the device, this thread would wait with them.
  if (!any_thread() || working_ || !tasks_.empty()) return wake_thread();
  Helping helping;
  work(lock, [this, ticket] { return submitted_ >= ticket; });
  stop_working();
}

template <class F>
void Stream::await(Lock& lock, F done) {
  if (any_thread() && !working_) {
    Helping helping;
    work(lock, done);
    return stop_working();
  }
  wake_thread();
  if (executor_.threads() <= Executor::Threads::kOwnUnlessShort) {
    lock.unlock();
    spin(done);
    lock.lock();  // also until the thread that finished it is done with it
  }
  done_.wait(lock, done);
}

bool Stream::step(Lock& lock) {
  // What is waited for goes before windows that were closed after it: a thread that never stops recording starves
  // nobody.
  bool due = !tasks_.empty() && tasks_.front()->ticket <= submitted_;
  if (!queue_.empty() && !due) {
    Closed closed = std::move(queue_.front());
    queue_.pop_front();
    Clock::time_point begin = Clock::now();
    executing_ = begin;
    lock.unlock();
    execute(std::move(closed));
    lock.lock();
    executing_.reset();
    closed_work_ = 0;
    pace_ += (Clock::now() - begin - pace_) / 4;
  } else if (!tasks_.empty()) {
    Task* task = tasks_.front();
    tasks_.pop_front();
    finish(lock, *task);
  } else {
    return false;
  }
  done_.notify_all();
  return true;
}

void Stream::finish(Lock& lock, Task& task) {
  lock.unlock();
  std::optional<Error> error;
  try {
    executor_.wait(task.ticket);
    error = executor_.take_error();
    if (!error) task.function(executor_, task.context);
  } catch (const Error& thrown) {
    error = thrown;
  }
  lock.lock();
  task.error = error;
  task.finished = true;
}

// A program that reads nothing would be minutes ahead of the device, and could neither be interrupted nor end
// meanwhile. Where the device takes windows before they have run, it takes one as another is done. How long a window
// takes is not known before one like it has run: so many are recorded while one runs, and as many more with the next.
bool Stream::far_behind() const {
  if (queue_.size() < 2) return false;
  if (closed_work_ > kWorkAhead * kWindowWork) return true;
  Clock::duration pace = executing_ ? std::max(pace_, Clock::now() - *executing_) : pace_;
  return pace * queue_.size() > kLagLimit;
}

void Stream::measure_window() {
  for (; measured_ < window_.commands.size(); ++measured_) {
    const Command& command = window_.commands[measured_];
    if (command.kind != CommandKind::kCreate && command.kind != CommandKind::kRelease) window_work_ += work_of(command);
  }
}

void Stream::execute(Closed closed) {
  std::optional<Error> error;
  try {
    if (trace_) trace_->add(*closed.list);
    if (options_.fusion) fuse(*closed.list, options_.limits);
    if (!executor_.keeps_graphs()) expand_graphs(*closed.list);
    executor_.submit(*closed.list, closed.ticket);
  } catch (const Error& thrown) {
    error = thrown;
  }
  std::lock_guard lock(mutex_);
  submitted_ = closed.ticket;
  for (const Command& command : closed.list->commands) counters_.executed += command.kind == CommandKind::kOperation;
  if (error && !error_) error_ = error;
  running_.push_back(std::move(closed));
  retire();
}

void Stream::retire() {
  uint64_t completed = executor_.completed();
  while (!running_.empty() && running_.front().ticket <= completed) {
    auto list = std::move(running_.front().list);
    running_.pop_front();
    list->clear();
    if (spare_.size() < 8) spare_.push_back(std::move(list));
  }
}

void Stream::run_task(Lock& lock, void (*function)(Executor&, void*), void* context) {
  Task task{seal_window(), function, context};
  tasks_.push_back(&task);
  ++activity_;
  await(lock, [&] { return task.finished.load(); });
  if (task.error) throw *task.error;
  rethrow();
}

void Stream::wait_ticket(Lock& lock, uint64_t ticket) {
  await(lock, [&] { return submitted_ >= ticket; });
  lock.unlock();
  executor_.wait(ticket);
  auto error = executor_.take_error();
  lock.lock();
  if (error) throw *error;
}

}  // namespace lineshaft
