#include "stream/scheduler.h"

#include <algorithm>
#include <utility>

#include "lineshaft/fusion/fusion.h"
#include "platform/spin.h"
#include "stream/helping.h"

namespace lineshaft {
namespace {

using namespace std::chrono_literals;
constexpr auto kWindowAge = 25us;
constexpr auto kLongAge = 1000us;    // of what gains little by an early start
constexpr auto kLagLimit = 1s;       // of the device; recording pauses beyond
constexpr size_t kQueueLimit = 256;  // closed windows that wait; likewise
constexpr double kWorkAhead = 4;     // as many windows of the most work may close while one runs
constexpr size_t kSpareLists = 8;    // that are kept to be filled again

}  // namespace

struct Scheduler::Task {
  uint64_t ticket;
  void (*function)(Executor&, void*);
  void* context;
  std::atomic<bool> finished = false;
  std::optional<Error> error = {};
};

Scheduler::Scheduler(Executor& executor, const StreamOptions& options, std::mutex& mutex, CommandWindow& window,
                     StreamBuffers& buffers)
    : executor_(executor),
      options_(options),
      mutex_(mutex),
      window_(window),
      buffers_(buffers),
      meter_(options, window),
      trace_(TraceWriter::of_stream(options.trace, options.name)),
      thread_([this] { run(); }) {}

Scheduler::~Scheduler() {
  {
    std::lock_guard lock(mutex_);
    close_window();
    stop_ = true;
    ++activity_;
  }
  work_.notify_all();
  thread_.join();
}

void Scheduler::begun(Lock& lock) {
  ++activity_;
  if (sleep_ != Sleep::kDeep) return;
  lock.unlock();
  work_.notify_one();
}

void Scheduler::start_early() {
  short_ = false;
  ++activity_;
  wake_thread();
}

void Scheduler::close_due(Lock& lock, Pause pause) {
  if (window_.captured) return;
  bool runs_here = executor_.threads() == Executor::Threads::kRecording;
  if (runs_here && pause == Pause::kNever) return;  // the next append closes it
  auto& commands = window_.list.commands;
  auto last = std::find_if(commands.rbegin(), commands.rend(),
                           [](const Command& command) { return command.kind != CommandKind::kCreate; });
  if (last == commands.rend()) return;
  std::vector<Command> creations(last.base(), commands.end());
  commands.erase(last.base(), commands.end());
  uint64_t ticket = seal_window();
  commands.assign(creations.begin(), creations.end());
  if (runs_here) {
    send(lock, ticket);
  } else {
    wake_thread();
  }
  if (pause == Pause::kMay) throttle(lock);
}

uint64_t Scheduler::close_window() {
  uint64_t ticket = seal_window();
  wake_thread();
  return ticket;
}

uint64_t Scheduler::seal_window() {
  if (!window_.may_close()) return next_ticket_ - 1;
  WindowMeter::Total total = meter_.take();
  short_ = executor_.threads() == Executor::Threads::kOwnUnlessShort && total.short_list;
  auto list = spare_.empty() ? std::make_unique<CommandList>() : std::move(spare_.back());
  if (!spare_.empty()) spare_.pop_back();
  std::swap(*list, window_.list);
  buffers_.window_closed();
  queue_.push_back({std::move(list), next_ticket_});
  closed_work_ += total.units;
  window_.due = false;
  ++counters_.windows;
  ++activity_;
  return next_ticket_++;
}

void Scheduler::throttle(Lock& lock) {
  while ((queue_.size() >= kQueueLimit || far_behind()) && !stop_) done_.wait(lock);
}

bool Scheduler::reclaim() {
  uint64_t ticket = 0;
  {
    Lock lock(mutex_);
    if (window_.captured) return false;
    close_window();
    if (running_.empty()) done_.wait_for(lock, 1ms);  // the blocks are in a list that is not submitted yet
    if (!running_.empty()) ticket = running_.front().ticket;
  }
  if (!ticket) return true;
  executor_.wait(ticket);
  std::lock_guard lock(mutex_);
  retire();
  return true;
}

void Scheduler::run() {
  Lock lock(mutex_);
  while (true) {
    if (!working_) work(lock, [] { return false; });
    if (stop_ && !working_) {
      if (!window_.may_close()) break;
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
void Scheduler::sleep(Lock& lock) {
  if (!any_thread() && await_activity(lock)) return;
  auto aging = [&] { return window_.may_close() && !working_; };
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
  if (window_.due || !options_.fusion)
    seal_window();
  else
    window_.due = true;
}

bool Scheduler::await_activity(Lock& lock) {
  uint32_t seen = activity_;
  lock.unlock();
  bool changed = spin([&] { return activity_ != seen; });
  lock.lock();
  return changed || activity_ != seen;
}

bool Scheduler::any_thread() const {
  using enum Executor::Threads;
  Executor::Threads threads = executor_.threads();
  return threads == kOwnUnlessShort ? short_ && queue_.size() <= 1 : threads != kOwn;
}

bool Scheduler::starts_late() const {
  using enum Executor::Threads;
  Executor::Threads threads = executor_.threads();
  return threads == kRecording || (threads == kOwnUnlessShort && short_);
}

void Scheduler::wake_thread() {
  if (sleep_ != Sleep::kAwake) work_.notify_one();
}

template <class F>
void Scheduler::work(Lock& lock, F enough) {
  working_ = true;
  while (!enough() && step(lock)) {
  }
  working_ = false;
}

// Of a thread that is not the stream's: what came meanwhile is for that one.
void Scheduler::stop_working() {
  bool ages = window_.may_close() && sleep_ == Sleep::kDeep;
  if (stop_ || !queue_.empty() || !tasks_.empty() || ages) wake_thread();
}

void Scheduler::send(Lock& lock, uint64_t ticket) {
  // Where others wait for the device, this thread would wait with them.
  if (!any_thread() || working_ || !tasks_.empty()) return wake_thread();
  Helping helping;
  work(lock, [this, ticket] { return submitted_ >= ticket; });
  stop_working();
}

template <class F>
void Scheduler::await(Lock& lock, F done) {
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

bool Scheduler::step(Lock& lock) {
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

void Scheduler::finish(Lock& lock, Task& task) {
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
bool Scheduler::far_behind() const {
  if (queue_.size() < 2) return false;
  if (closed_work_ > kWorkAhead * WindowMeter::kLargeWork) return true;
  Clock::duration pace = executing_ ? std::max(pace_, Clock::now() - *executing_) : pace_;
  return pace * queue_.size() > kLagLimit;
}

void Scheduler::execute(Closed closed) {
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

void Scheduler::retire() {
  uint64_t completed = executor_.completed();
  while (!running_.empty() && running_.front().ticket <= completed) {
    auto list = std::move(running_.front().list);
    running_.pop_front();
    list->clear();
    if (spare_.size() < kSpareLists) spare_.push_back(std::move(list));
  }
}

void Scheduler::run_task(Lock& lock, void (*function)(Executor&, void*), void* context) {
  Task task{seal_window(), function, context};
  tasks_.push_back(&task);
  ++activity_;
  await(lock, [&] { return task.finished.load(); });
  if (task.error) throw *task.error;
  rethrow();
}

void Scheduler::wait_ticket(Lock& lock, uint64_t ticket) {
  await(lock, [&] { return submitted_ >= ticket; });
  lock.unlock();
  executor_.wait(ticket);
  auto error = executor_.take_error();
  lock.lock();
  if (error) throw *error;
  rethrow();
}

void Scheduler::raise() {
  Error error = *error_;
  if (error.code() != ErrorCode::kDeviceLost) error_.reset();
  throw error;
}

bool Scheduler::idle() const {
  return !window_.may_close() && submitted_ + 1 == next_ticket_ && executor_.completed() >= submitted_;
}

}  // namespace lineshaft
