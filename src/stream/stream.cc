#include "lineshaft/stream/stream.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <unordered_set>
#include <utility>

#include "platform/environment.h"
#include "stream/capture.h"
#include "stream/scheduler.h"
#include "stream/stream_buffers.h"
#include "stream/uploads.h"

namespace lineshaft {

StreamOptions StreamOptions::from_environment() {
  StreamOptions options;
  options.fusion = environment_switch("LINESHAFT_FUSION").value_or(true);
#ifdef NDEBUG
  constexpr bool kValidate = false;
#else
  constexpr bool kValidate = true;
#endif
  options.validate = environment_switch("LINESHAFT_VALIDATE").value_or(kValidate);
  if (auto limit = environment_bytes("LINESHAFT_MEMORY_LIMIT")) options.budget = *limit;
  options.trace = environment("LINESHAFT_TRACE").value_or("");
  return options;
}

// The functions are called with the lock held.
struct Stream::Parts {
  Parts(Stream& stream, Executor& executor)
      : stream(stream),
        executor(executor),
        buffers(stream.options_, stream.window_),
        scheduler(executor, stream.options_, stream.mutex_, stream.window_, buffers),
        uploads(executor, stream.mutex_, stream.window_, buffers, scheduler) {}

  // Of the budget, what other programs leave.
  int64_t limit() const { return std::min(stream.options_.budget, executor.limit()); }
  BufferId create(Lock& lock, int64_t bytes);
  void forget(const GraphRef& graph) noexcept;
  void require_own(const Event& event) const;
  void require_no_capture(const char* what) const;
  Capture& require_capture() const;

  static inline std::atomic<uint64_t> streams{0};
  const uint64_t number = ++streams;  // unique in this process
  Stream& stream;
  Executor& executor;
  StreamBuffers buffers;
  std::unordered_set<uint64_t> graphs;  // the numbers of those that are captured and not forgotten
  std::unique_ptr<Capture> capture;     // while one is under way: the open window is what it keeps
  Scheduler scheduler;                  // ends its thread before the others go
  Uploads uploads;
};

Stream::Stream(Executor& executor, StreamOptions options)
    : options_(std::move(options)), parts_(std::make_unique<Parts>(*this, executor)) {}

Stream::~Stream() = default;

void Stream::require_usable(const TensorView& view, const Touch& touch) const {
  parts_->buffers.require_usable(view, touch);
}

void Stream::close_due(Lock& lock) {
  parts_->scheduler.close_due(lock);
}

void Stream::recorded(Lock& lock) {
  parts_->scheduler.appended(lock);
}

BufferId Stream::create(int64_t bytes) {
  Lock lock(mutex_);
  BufferId buffer = parts_->create(lock, bytes);
  recorded(lock);
  return buffer;
}

BufferId Stream::Parts::create(Lock& lock, int64_t bytes) {
  scheduler.rethrow();
  int64_t limit = this->limit();
  if (!buffers.fits(bytes, limit) && !capture) [[unlikely]] {
    lock.unlock();
    stream.trim();  // ends what is in flight and empties caches; other threads may release meanwhile
    lock.lock();
    limit = this->limit();
  }
  BufferId buffer = buffers.create(bytes, limit);
  scheduler.weigh(bytes);
  if (capture) capture->created(buffer);
  return buffer;
}

void Stream::release(BufferId buffer) noexcept {
  Lock lock(mutex_);
  if (!parts_->buffers.is_live(buffer)) return;
  if (parts_->capture) return parts_->capture->release(buffer);
  if (parts_->buffers.release(buffer)) parts_->scheduler.appended(lock, Scheduler::Pause::kNever);
}

void Stream::write(BufferId buffer, int64_t offset, const void* source, int64_t size) {
  parts_->uploads.write(buffer, offset, source, size);
}

void Stream::read(BufferId buffer, int64_t offset, void* destination, int64_t size) {
  struct Read {
    BufferId buffer;
    int64_t offset;
    void* destination;
    int64_t size;
  } read{buffer, offset, destination, size};
  Lock lock(mutex_);
  parts_->require_no_capture("a value cannot be read");
  parts_->buffers.require_within(buffer, offset, size, "a read");
  parts_->scheduler.run_task(
      lock,
      [](Executor& executor, void* context) {
        auto* r = static_cast<Read*>(context);
        executor.read(r->buffer, r->offset, r->destination, r->size);
      },
      &read);
}

Event Stream::record_event() {
  auto state = std::make_shared<EventState>();
  Lock lock(mutex_);
  parts_->require_no_capture("an event cannot be recorded");
  window_.list.owned.push_back(state);
  window_.list.commands.push_back({.kind = CommandKind::kEvent, .id = ++window_.last_id, .event = state.get()});
  Event event{parts_->scheduler.open_ticket(), state, parts_->number};
  recorded(lock);
  return event;
}

bool Stream::query(const Event& event) {
  if (!event.ticket) return true;
  {
    Lock lock(mutex_);
    parts_->require_own(event);
    Scheduler& scheduler = parts_->scheduler;
    if (event.ticket == scheduler.open_ticket()) scheduler.close_window();
    if (event.ticket > scheduler.submitted()) return false;
  }
  return parts_->executor.completed() >= event.ticket;
}

void Stream::wait(const Event& event) {
  if (!event.ticket) return;
  Lock lock(mutex_);
  parts_->require_own(event);
  parts_->require_no_capture("an event cannot be waited for");
  Scheduler& scheduler = parts_->scheduler;
  if (event.ticket == scheduler.open_ticket()) scheduler.seal_window();
  scheduler.wait_ticket(lock, event.ticket);
}

double Stream::elapsed_ms(const Event& start, const Event& end) {
  LS_REQUIRE(start.state && end.state, "elapsed time needs two events that have been recorded");
  int64_t from = start.state->nanoseconds, to = end.state->nanoseconds;
  LS_REQUIRE(from && to, "elapsed time needs two events that have been reached; synchronize first");
  return static_cast<double>(to - from) * 1e-6;
}

void Stream::flush() {
  Lock lock(mutex_);
  if (parts_->capture) return;
  parts_->scheduler.close_window();
  parts_->scheduler.throttle(lock);
}

void Stream::wait() {
  Lock lock(mutex_);
  parts_->require_no_capture("the device cannot be waited for");
  parts_->scheduler.run_task(
      lock, [](Executor&, void*) {}, nullptr);
}

bool Stream::idle() {
  Lock lock(mutex_);
  return parts_->scheduler.idle();
}

void Stream::trim() {
  Lock lock(mutex_);
  parts_->require_no_capture("cached memory cannot be given back");
  parts_->scheduler.run_task(
      lock, [](Executor& executor, void*) { executor.trim(); }, nullptr);
}

void Stream::Parts::require_own(const Event& event) const {
  LS_REQUIRE(event.stream == number, "an event of another stream is used with ", stream.options_.name,
             "; query and wait for it on the stream that recorded it");
}

void Stream::Parts::require_no_capture(const char* what) const {
  LS_REQUIRE(!capture, what, " while a graph is captured on ", stream.options_.name,
             ": nothing of it has run; do this after the capture, or leave it out of what is captured");
}

Capture& Stream::Parts::require_capture() const {
  LS_REQUIRE(capture, "no graph is being captured on ", stream.options_.name, "; begin a capture first");
  return *capture;
}

void Stream::begin_capture() {
  Lock lock(mutex_);
  LS_REQUIRE(!parts_->capture, "a graph is being captured on ", options_.name, " already; end that capture first");
  parts_->scheduler.rethrow();
  parts_->scheduler.close_window();
  parts_->capture = std::make_unique<Capture>(options_, window_, parts_->buffers);
}

GraphParameter Stream::new_parameter(uint64_t count) {
  LS_REQUIRE(count > 0 && count <= uint64_t{1} << 48, "a parameter of ", count,
             " placeholders is asked for; 1 to 2^48 are given");
  Lock lock(mutex_);
  return parts_->require_capture().new_parameter(count);
}

bool Stream::capturing() {
  Lock lock(mutex_);
  return parts_->capture != nullptr;
}

std::shared_ptr<Graph> Stream::end_capture(std::vector<GraphParameter> parameters) {
  Lock lock(mutex_);
  parts_->require_capture();
  std::unique_ptr<Capture> capture = std::move(parts_->capture);
  std::shared_ptr<Graph> graph;
  std::optional<Error> error;
  try {
    graph = capture->finish(std::move(parameters), [&](int64_t bytes) { return parts_->create(lock, bytes); });
  } catch (const Error& thrown) {
    error = thrown;
  }
  if (graph) parts_->graphs.insert(graph->number());
  capture->end_released();
  for (const GraphRef& other : capture->forgotten()) parts_->forget(other);
  recorded(lock);
  if (error) throw *error;
  return graph;
}

void Stream::replay(const GraphRef& graph, std::span<const uint64_t> values) {
  LS_REQUIRE(graph, "no graph is given to run");
  LS_REQUIRE(values.size() == graph->parameters().size(), "a graph with ", graph->parameters().size(),
             " parameters is run with ", values.size(), " values");
  Lock lock(mutex_);
  LS_REQUIRE(parts_->graphs.contains(graph->number()), "the graph is not one that ", options_.name,
             " has captured, or it is forgotten; capture it on the stream that runs it");
  parts_->require_no_capture("a graph cannot run");
  Scheduler& scheduler = parts_->scheduler;
  scheduler.rethrow();
  scheduler.close_window();
  add_replay(window_.list, graph, values, ++window_.last_id);
  scheduler.close_window();
  scheduler.throttle(lock);
}

void Stream::forget(const GraphRef& graph) noexcept {
  Lock lock(mutex_);
  if (!graph || !parts_->graphs.erase(graph->number())) return;
  if (parts_->capture) return parts_->capture->forget(graph);
  parts_->forget(graph);
  parts_->scheduler.appended(lock, Scheduler::Pause::kNever);
}

void Stream::Parts::forget(const GraphRef& graph) noexcept {
  scheduler.close_window();
  add_forget(stream.window_.list, graph, ++stream.window_.last_id);
  buffers.let_go(*graph);
}

MemoryStatistics Stream::statistics() {
  MemoryStatistics result;
  {
    Lock lock(mutex_);
    result = parts_->buffers.statistics();
  }
  result.reserved = parts_->executor.memory().reserved;
  result.budget = options_.budget;
  result.limit = parts_->limit();
  return result;
}

void Stream::reset_peak() {
  Lock lock(mutex_);
  parts_->buffers.reset_peak();
}

Stream::Counters Stream::counters() {
  Lock lock(mutex_);
  Counters counters = parts_->scheduler.counters();
  counters.recorded = window_.last_id;
  return counters;
}

}  // namespace lineshaft
