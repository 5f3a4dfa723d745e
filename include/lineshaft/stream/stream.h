// Streams. Any thread may record operations; they are collected in a window. A window closes at a wait, at a number of
// commands, at an amount of work, or when the device is idle. It is then fused and given to the device's executor by
// the stream's own thread, or by a thread that waits. Recording waits for the device only where the device is about a
// second behind.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/commands/executor.h"
#include "lineshaft/commands/graph.h"
#include "lineshaft/fusion/fusion.h"

namespace lineshaft {

struct LINESHAFT_EXPORT StreamOptions {
  bool fusion = true;  // LINESHAFT_FUSION=off
  // Check every operation when it is recorded (LINESHAFT_VALIDATE=on; the default of debug builds).
  bool validate = false;
  // The number of commands from which on a window closes before an operation that fusion cannot merge; at twice as many
  // it closes in any case.
  int window = 256;
  int64_t budget = INT64_MAX;   // bytes that all live buffers may take together (LINESHAFT_MEMORY_LIMIT)
  std::string name = "device";  // the device's name in error texts
  FusionLimits limits;          // of the device
  std::string trace;            // where to write what runs (LINESHAFT_TRACE, trace/trace.h); empty: nowhere
  // The first generation in the names of buffers: streams that never have one in common never mistake each other's
  // buffers for their own.
  uint32_t first_generation = 1;
  static StreamOptions from_environment();
};

struct MemoryStatistics {
  int64_t allocated = 0, peak_allocated = 0;  // bytes of live buffers, as recorded
  int64_t allocations = 0;                    // live buffers
  int64_t total_allocated = 0;                // bytes of all buffers ever created
  int64_t reserved = 0;                       // bytes that the device has allocated from the system
  int64_t budget = 0;
  int64_t limit = 0;  // what other programs that share the device leave of the budget, as received last
};

// A point in a stream, from Stream::record_event. Copyable. A default Event is empty, and counts as reached.
struct Event {
  uint64_t ticket = 0;
  std::shared_ptr<EventState> state;
  uint64_t stream = 0;  // the number of the stream that recorded it
};

// The open window: what is recorded and not yet given to the executor.
struct CommandWindow {
  CommandList list;
  uint64_t last_id = 0;   // id of the command that was recorded last
  bool due = false;       // it closes before the next operation that fusion does not merge with maps
  bool captured = false;  // it belongs to a graph, and stays open until the capture ends

  bool may_close() const { return !captured && !list.commands.empty(); }
};

class LINESHAFT_EXPORT Stream {
 public:
  Stream(Executor& executor, StreamOptions options);
  ~Stream();  // runs what is recorded, then ends the stream's thread; errors are ignored
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Creates a buffer of `bytes` and returns its name. Waits for the device only where the budget would be exceeded, so
  // that memory is freed; throws Error(kOutOfMemory) where that does not suffice, Error(kInvalidArgument) for a size
  // below 0. May throw a deferred error.
  BufferId create(int64_t bytes);
  // Releases a buffer: its memory is reused after everything that was recorded before. Never throws, never waits; does
  // nothing for a buffer that does not exist or is released already.
  void release(BufferId buffer) noexcept;

  // Records an operation; its lists are copied. Waits where the device is far behind, as every call that records
  // something does, except release and forget. Where options.validate is set, throws what validate(op) throws, and
  // Error(kInvalidArgument) for a buffer that does not exist or is released, and where a view, or an element that its
  // indices may lead to, lies outside its buffer.
  template <class Op>
  void record(const Op& op) {
    if (options_.validate) validate(op);
    std::unique_lock lock(mutex_);
    if (options_.validate)
      for_each_touch(op, [this](const TensorView& view, const Touch& touch) { require_usable(view, touch); });
    if (window_.due && !takes_maps<Op>()) [[unlikely]]
      close_due(lock);
    window_.list.add(op, current_label(), ++window_.last_id);
    recorded(lock);
  }

  // Copies `size` bytes to the buffer at byte `offset`, in stream order. `source` may be reused when the call returns.
  // A long upload may wait until the device has taken earlier parts of it. Throws Error(kInvalidArgument), and copies
  // nothing, where the range does not lie in the buffer; may throw a deferred error.
  void write(BufferId buffer, int64_t offset, const void* source, int64_t size);
  // Copies bytes from the buffer to the host, after everything that was recorded before. Waits for the device; throws
  // deferred errors, and Error(kInvalidArgument) where the range does not lie in the buffer.
  void read(BufferId buffer, int64_t offset, void* destination, int64_t size);

  // query and wait throw Error(kInvalidArgument) for an event of another stream.
  Event record_event();
  bool query(const Event& event);                                  // true when reached
  void wait(const Event& event);                                   // rethrows deferred errors
  static double elapsed_ms(const Event& start, const Event& end);  // in milliseconds; throws unless both are reached

  void flush();  // closes the window, so that it runs soon; waits where the device is far behind, as recording does
  void wait();   // waits until all recorded work is done; throws a deferred error once
  bool idle();   // whether all recorded work is done
  void trim();   // waits as wait() does, then returns cached memory to the system

  // Graphs (commands/graph.h). From begin_capture to end_capture, what any thread records is kept for the graph and
  // does not run. Buffers that are created and not released during the capture exist afterwards, with unspecified
  // contents until the graph runs. Calls that need a result (read, wait, trim, events, replay) throw
  // Error(kInvalidArgument) during a capture. end_capture throws Error(kOutOfMemory) where the graph's own memory
  // exceeds the budget, and Error(kInvalidArgument) where its operations and data from the host take more than 16 MiB;
  // the capture is over then, and only the buffers are kept.
  void begin_capture();
  std::shared_ptr<Graph> end_capture(std::vector<GraphParameter> parameters = {});
  bool capturing();
  // During a capture: returns placeholders for a parameter of `count` values, 1 to 2^48 (GraphParameter). The caller
  // records them in place of the values and gives the parameter to end_capture. They are random 64-bit numbers, so that
  // an ordinary number is not mistaken for one. Throws Error(kInvalidArgument) without a capture.
  GraphParameter new_parameter(uint64_t count = 1);
  // Runs the graph after everything that was recorded before, with one value for each of its parameters. Throws
  // Error(kInvalidArgument) for a graph that this stream has not captured, or has forgotten.
  void replay(const GraphRef& graph, std::span<const uint64_t> values = {});
  // Ends the graph and releases its memory, after everything that was recorded before. Never throws, never waits; does
  // nothing for a graph that replay does not take. The caller forgets every graph before the stream ends.
  void forget(const GraphRef& graph) noexcept;

  MemoryStatistics statistics();
  void reset_peak();
  const StreamOptions& options() const { return options_; }
  // Since the start: commands that were recorded, operations that ran after fusion, and windows that were closed.
  struct Counters {
    uint64_t recorded = 0, executed = 0, windows = 0;
  };
  Counters counters();

  // While it lives, operations that this thread records carry `label` as the name of their operator. The destructor
  // restores the label before. `label` must never be freed.
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
  using Lock = std::unique_lock<std::mutex>;
  struct Parts;  // stream.cc

  // Fusion merges a map with a following map or reduce. A window that is closed before any other operation is fused in
  // the same way each time, whenever it is closed, so that a training step has few programs.
  template <class Op>
  static constexpr bool takes_maps() {
    return std::is_same_v<Op, Map> || std::is_same_v<Op, MapEach> || std::is_same_v<Op, Reduce>;
  }
  void require_usable(const TensorView& view, const Touch& touch) const;
  void close_due(Lock& lock);
  void recorded(Lock& lock);  // after an append; may release the lock for a while

  const StreamOptions options_;
  std::mutex mutex_;  // protects all members below, and the parts
  CommandWindow window_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace lineshaft
