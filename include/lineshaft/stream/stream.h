// Streams: record operations from any thread; a window of them closes at a wait, at its size, or when the device is
// idle; it is fused and handed to the device's executor by the stream's own thread, or by one that waits. Recording
// never waits for the device.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "lineshaft/commands/executor.h"
#include "lineshaft/commands/graph.h"
#include "lineshaft/commands/work.h"
#include "lineshaft/fusion/fusion.h"
#include "lineshaft/stream/staging.h"

namespace lineshaft {

class TraceWriter;

struct StreamOptions {
  bool fusion = true;             // LINESHAFT_FUSION=off
  bool validate = false;          // check every operation when recorded (debug builds and tests: LINESHAFT_VALIDATE=on)
  int window = 256;               // commands, after which it closes at the next good place
  int64_t budget = INT64_MAX;     // bytes that live buffers may take together
  std::string name = "device";    // for errors
  FusionLimits limits;            // the device's
  std::string trace;              // where to write what runs (LINESHAFT_TRACE, trace/trace.h); empty: nowhere
  uint32_t first_generation = 1;  // of the buffers' names: streams that never share one do not mistake each other's
  static StreamOptions from_environment();
};

struct MemoryStatistics {
  int64_t allocated = 0, peak_allocated = 0;  // bytes of live buffers, as recorded
  int64_t allocations = 0;                    // live buffers
  int64_t total_allocated = 0;                // bytes, ever
  int64_t reserved = 0;                       // bytes held from the system
  int64_t budget = 0;
  int64_t limit = 0;  // of the budget, what other programs that share it leave; as last heard
};

// A point in a stream. Copyable; empty until recorded.
struct Event {
  uint64_t ticket = 0;
  std::shared_ptr<EventState> state;
};

class Stream {
 public:
  Stream(Executor& executor, StreamOptions options);
  ~Stream();  // runs what is recorded, then ends the thread; errors are dropped
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Names a new buffer of `bytes`. Waits for the device only where the budget is passed, to free what it can; throws
  // Error(kOutOfMemory) where that does not suffice.
  BufferId create(int64_t bytes);
  // Ends a buffer: its memory is reused after everything recorded before. Never throws, never waits.
  void release(BufferId buffer) noexcept;

  // Appends an operation. Pauses where the device is far behind, as every call does that appends something, but for
  // release and forget. Where options.validate is set, throws what validate(op) throws, and for a buffer that is
  // released.
  template <class Op>
  void record(const Op& op) {
    if (options_.validate) validate(op);
    std::unique_lock lock(mutex_);
    if (options_.validate) for_each_view(op, [this](const TensorView& view, bool, bool) { require_live(view.buffer); });
    if (due_ && !takes_maps<Op>()) [[unlikely]]
      close_due(lock);
    window_.add(op, current_label(), ++next_id_);
    recorded(lock);
  }

  // Copies `size` bytes to the buffer, in stream order. `source` may be reused when the call returns. Waits only for a
  // staging block, where a long upload runs ahead of the device, and for room on the way to a server.
  void write(BufferId buffer, int64_t offset, const void* source, int64_t size);
  // Copies bytes out after everything recorded before. Waits; rethrows deferred errors.
  void read(BufferId buffer, int64_t offset, void* destination, int64_t size);

  Event record_event();
  bool query(const Event& event);                                  // true when reached
  void wait(const Event& event);                                   // rethrows deferred errors
  static double elapsed_ms(const Event& start, const Event& end);  // both reached

  void flush();  // closes the window; pauses where the device is far behind, as recording does
  void wait();   // until all recorded work is done; rethrows a deferred error once
  bool idle();   // nothing recorded is unfinished
  void trim();   // waits, then gives cached memory back

  // Graphs (commands/graph.h). From begin_capture on, what any thread records is kept and does not run; buffers created
  // and not released meanwhile are there afterwards, with unspecified contents until the graph runs. What needs a
  // result (read, wait, trim, an event) throws meanwhile. end_capture throws Error(kOutOfMemory) where the graph's own
  // memory passes the budget, Error(kInvalidArgument) where its operations and data from the host pass 16 MiB; the
  // capture is over then, and nothing of it is kept but the buffers.
  void begin_capture();
  std::shared_ptr<Graph> end_capture(std::vector<GraphParameter> parameters = {});
  bool capturing();
  // While a graph is captured: placeholders for a parameter of `count` values (GraphParameter), to be recorded in their
  // place and given to end_capture. They are drawn at random from all 64-bit numbers, so that no number that a program
  // computes or a user writes is taken for one.
  GraphParameter new_parameter(uint64_t count = 1);
  // Runs the graph after everything recorded before; `values` are of its parameters.
  void replay(const GraphRef& graph, std::span<const uint64_t> values = {});
  // Ends the graph once what is recorded has run, and then its memory. Never throws, never waits. Every graph is
  // forgotten before its stream ends.
  void forget(const GraphRef& graph) noexcept;

  MemoryStatistics statistics();
  void reset_peak();
  const StreamOptions& options() const { return options_; }
  // Counts what was recorded and what ran after fusion, since the start.
  struct Counters {
    uint64_t recorded = 0, executed = 0, windows = 0;
  };
  Counters counters();

  // The operator name that commands recorded by this thread carry, restored when the scope ends. `label` lives forever.
  class Label {
   public:
    explicit Label(const char* label) : previous_(current_label()) { current_label() = label; }
    ~Label() { current_label() = previous_; }
    Label(const Label&) = delete;
    Label& operator=(const Label&) = delete;

   private:
    const char* previous_;
  };
  static const char*& current_label() {
    static thread_local const char* label = nullptr;
    return label;
  }

 private:
  // Fusion reaches from a map to the next map and into a reduce. A window that is cut elsewhere is fused alike wherever
  // time has it cut, so that a training step has few programs.
  template <class Op>
  static constexpr bool takes_maps() {
    return std::is_same_v<Op, Map> || std::is_same_v<Op, MapEach> || std::is_same_v<Op, Reduce>;
  }
  struct Closed {
    std::unique_ptr<CommandList> list;
    uint64_t ticket = 0;
  };
  void measure_window();                       // what it does, of the commands that are not yet counted
  enum class Sleep { kAwake, kBrief, kDeep };  // the thread's; from a brief one it wakes by itself
  struct Capture;
  struct Task;  // something that runs after a ticket: a read, a trim

  void write_small(BufferId buffer, int64_t offset, const void* source, int64_t size);
  void write_block(BufferId buffer, int64_t offset, const std::byte* source, int64_t size);
  void upload(std::unique_lock<std::mutex>& lock, BufferId buffer, int64_t offset, int64_t size, const std::byte* data);
  BufferId create(std::unique_lock<std::mutex>& lock, int64_t bytes);
  void end(BufferId buffer) noexcept;  // a live buffer, with the lock held
  void forget_locked(const GraphRef& graph) noexcept;
  void require_no_capture(const char* what) const;
  void require_live(BufferId buffer) const;
  void require_within(BufferId buffer, int64_t offset, int64_t size, const char* what) const;
  void throttle(std::unique_lock<std::mutex>& lock);  // waits while the device is far behind
  int64_t limit() const;
  [[noreturn]] void refuse(int64_t bytes) const;
  void reclaim();                     // waits for a list that has run to give its staging back
  void retire();                      // lists that have run; with the lock held
  enum class Pause { kMay, kNever };  // where the device is far behind
  void recorded(std::unique_lock<std::mutex>& lock, Pause pause = Pause::kMay);  // after an append
  void close_due(std::unique_lock<std::mutex>& lock, Pause pause = Pause::kMay);
  uint64_t close_window();  // with the lock held; returns the ticket of all that is recorded
  uint64_t seal_window();   // the same for who then waits: does not wake the thread
  void rethrow();

  // stream_thread.cc: who does the work. All with the lock held, which they let go meanwhile.
  using Lock = std::unique_lock<std::mutex>;
  void run();
  void sleep(Lock& lock);
  bool await_activity(Lock& lock);  // for a moment
  void wake_thread();
  bool any_thread() const;    // whether who waits may work
  bool starts_late() const;   // whether the window may well wait for who waits
  void weigh(int64_t bytes);  // of what the open window makes: where it is much, the thread starts early
  bool step(Lock& lock);      // does the next thing that is due; false where nothing is
  template <class F>
  void work(Lock& lock, F enough);  // does what is due until `enough()`
  void stop_working();
  void send(Lock& lock, uint64_t ticket);  // hands windows over here where any thread may
  template <class F>
  void await(Lock& lock, F done);  // by working, where the executor lets any thread, or by sleeping
  void execute(Closed closed);     // without the lock
  bool far_behind() const;         // whether what waits would take long
  void finish(Lock& lock, Task& task);
  void run_task(Lock& lock, void (*function)(Executor&, void*), void* context);  // after all that is recorded
  void wait_ticket(Lock& lock, uint64_t ticket);

  Executor& executor_;
  StreamOptions options_;
  Staging own_staging_;
  Staging& staging_;

  std::mutex mutex_;
  std::condition_variable work_;  // the stream's thread waits
  std::condition_variable done_;  // others wait
  CommandList window_;
  std::deque<Closed> queue_;
  std::vector<std::unique_ptr<CommandList>> spare_;
  std::deque<Closed> running_;  // submitted, kept until done
  std::deque<Task*> tasks_;
  std::atomic<uint32_t> activity_{0};  // counts what the thread may have to do something about
  uint32_t slept_at_ = 0;              // the count when the thread last slept
  Sleep sleep_ = Sleep::kAwake;
  static constexpr int64_t kShortBytes = 512 * 1024;
  static constexpr double kWindowWork = 0x1p32;  // a window that does more closes early (commands/work.h)
  int64_t window_bytes_ = 0;
  bool short_ = false;    // the last window was and this one is, so far: no more than kShortBytes were made
  bool working_ = false;  // somebody does what is due
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> executing_;  // since then, a window
  Clock::duration pace_{};                      // about how long a window takes
  Work window_work_;                            // of the open window's first `measured_` commands (commands/work.h)
  size_t measured_ = 0;
  double closed_work_ = 0;  // units of the windows that were closed while the last one ran
  bool stop_ = false;
  bool due_ = false;  // the window closes before the next operation that maps do not merge with
  uint64_t next_id_ = 0;
  uint64_t next_ticket_ = 1;  // of the open window
  std::atomic<uint64_t> submitted_ = 0;
  std::optional<Error> error_;
  Counters counters_;

  struct Slot {
    uint32_t generation = 1;
    int64_t size = -1;      // -1: free
    uint32_t graphs = 0;    // that name the buffer: it lives until they end
    bool released = false;  // it ends with the last of them
  };
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_slots_;
  std::vector<uint32_t>
      released_slots_;  // in the open window: a slot has one generation a window, so that fusion may reorder
  MemoryStatistics statistics_;

  std::unique_ptr<Capture> capture_;    // while one is under way: window_ is what it keeps
  std::unique_ptr<TraceWriter> trace_;  // what runs, where that is asked for
  std::thread thread_;
};

}  // namespace lineshaft
