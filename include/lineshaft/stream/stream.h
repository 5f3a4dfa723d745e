// Streams: record operations from any thread; a window of them closes at a wait, at its size, or when the device is
// idle; it is fused and handed to the device's executor by the stream's own thread, or by one that waits. Recording
// never waits for the device.
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
  uint64_t stream = 0;  // the number of the one that recorded it
};

// What is recorded and not yet handed on.
struct CommandWindow {
  CommandList list;
  uint64_t last_id = 0;   // of the command recorded last
  bool due = false;       // it closes before the next operation that maps do not merge with
  bool captured = false;  // it is a graph's, and stays open until that is whole

  bool may_close() const { return !captured && !list.commands.empty(); }
};

class LINESHAFT_EXPORT Stream {
 public:
  Stream(Executor& executor, StreamOptions options);
  ~Stream();  // runs what is recorded, then ends the thread; errors are dropped
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Names a new buffer of `bytes`. Waits for the device only where the budget is passed, to free what it can; throws
  // Error(kOutOfMemory) where that does not suffice.
  BufferId create(int64_t bytes);
  // Ends a buffer: its memory is reused after everything recorded before. Never throws, never waits; does nothing for
  // one that is not there.
  void release(BufferId buffer) noexcept;

  // Appends an operation. Pauses where the device is far behind, as every call does that appends something, but for
  // release and forget. Where options.validate is set, throws what validate(op) throws, for a buffer that is not there
  // or released, and where a view or what its indices lead to passes the end of its buffer.
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

  // Copies `size` bytes to the buffer, in stream order. `source` may be reused when the call returns. Waits only for a
  // staging block, where a long upload runs ahead of the device, and for room on the way to a server. Nothing is copied
  // where the range passes the end of the buffer.
  void write(BufferId buffer, int64_t offset, const void* source, int64_t size);
  // Copies bytes out after everything recorded before. Waits; rethrows deferred errors.
  void read(BufferId buffer, int64_t offset, void* destination, int64_t size);

  // An event is its stream's: query and wait throw for another's.
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
  // Runs the graph after everything recorded before; `values` are of its parameters. Throws for one that this stream
  // has not captured, or has forgotten.
  void replay(const GraphRef& graph, std::span<const uint64_t> values = {});
  // Ends the graph once what is recorded has run, and then its memory. Never throws, never waits; does nothing for one
  // that replay does not take. Every graph is forgotten before its stream ends.
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
  using Lock = std::unique_lock<std::mutex>;
  struct Parts;  // stream.cc

  // Fusion reaches from a map to the next map and into a reduce. A window that is cut elsewhere is fused alike wherever
  // time has it cut, so that a training step has few programs.
  template <class Op>
  static constexpr bool takes_maps() {
    return std::is_same_v<Op, Map> || std::is_same_v<Op, MapEach> || std::is_same_v<Op, Reduce>;
  }
  void require_usable(const TensorView& view, const Touch& touch) const;
  void close_due(Lock& lock);
  void recorded(Lock& lock);  // after an append; may let go of the lock

  const StreamOptions options_;
  std::mutex mutex_;  // the only one: of what follows, and of the parts
  CommandWindow window_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace lineshaft
