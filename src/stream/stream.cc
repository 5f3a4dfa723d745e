#include "lineshaft/stream/stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "commands/range.h"
#include "commands/validate.h"
#include "lineshaft/fusion/fusion.h"
#include "platform/environment.h"
#include "stream/capture.h"
#include "trace/trace.h"

namespace lineshaft {
namespace {

using namespace std::chrono_literals;
constexpr size_t kQueueLimit = 256;        // closed windows that wait; recording pauses beyond
constexpr size_t kStagingBlocks = 32;      // of 1 MiB, where the device has no staging of its own
constexpr double kShortTraffic = 2 << 20;  // bytes that a short list reads and writes at most

}  // namespace

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

Stream::Stream(Executor& executor, StreamOptions options)
    : executor_(executor),
      options_(std::move(options)),
      own_staging_(kStagingBlocks),
      staging_(executor.staging() ? *executor.staging() : own_staging_),
      slots_(1),
      trace_(TraceWriter::of_stream(options_.trace, options_.name)),
      thread_([this] { run(); }) {}

Stream::~Stream() {
  {
    std::lock_guard lock(mutex_);
    if (!capture_) close_window();
    stop_ = true;
    ++activity_;
  }
  work_.notify_all();
  thread_.join();
}

BufferId Stream::create(int64_t bytes) {
  std::unique_lock lock(mutex_);
  BufferId buffer = create(lock, bytes);
  recorded(lock);
  return buffer;
}

BufferId Stream::create(std::unique_lock<std::mutex>& lock, int64_t bytes) {
  if (error_) rethrow();
  LS_REQUIRE(bytes >= 0, "a buffer of ", bytes, " bytes is asked for; a size is 0 or more");
  if (bytes > limit() - statistics_.allocated) [[unlikely]] {
    if (!capture_) {
      lock.unlock();
      trim();  // ends what is in flight and empties caches; other threads may release meanwhile
      lock.lock();
    }
    if (bytes > limit() - statistics_.allocated) refuse(bytes);
  }
  uint32_t slot;
  if (free_slots_.empty()) {
    slot = static_cast<uint32_t>(slots_.size());
    slots_.push_back({.generation = options_.first_generation});
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[slot].size = bytes;
  statistics_.allocated += bytes;
  statistics_.total_allocated += bytes;
  statistics_.peak_allocated = std::max(statistics_.peak_allocated, statistics_.allocated);
  ++statistics_.allocations;
  weigh(bytes);
  BufferId buffer = BufferId::make(slot, slots_[slot].generation);
  window_.commands.push_back({.kind = CommandKind::kCreate, .id = ++next_id_, .buffer = buffer, .size = bytes});
  if (capture_) capture_->created.insert(buffer.value);
  return buffer;
}

int64_t Stream::limit() const {
  return std::min(options_.budget, executor_.limit());
}

void Stream::refuse(int64_t bytes) const {
  int64_t others = options_.budget - limit();
  fail(ErrorCode::kOutOfMemory, options_.name, " is out of memory: ", bytes, " bytes are asked for, ",
       statistics_.allocated, " of ", options_.budget, " bytes are held by ", statistics_.allocations, " live buffers",
       others ? concat(" and ", others, " by other programs that share them") : "",
       "; use a smaller batch, or release tensors that are no longer needed");
}

void Stream::release(BufferId buffer) noexcept {
  std::unique_lock lock(mutex_);
  Slot& slot = slots_[buffer.slot()];
  if (slot.generation != buffer.generation() || slot.size < 0 || slot.released) return;
  if (capture_ && !capture_->created.contains(buffer.value)) {
    slot.released = true;
    capture_->released.push_back(buffer);
  } else if (slot.graphs) {
    slot.released = true;
  } else {
    end(buffer);
    recorded(lock, Pause::kNever);
  }
}

void Stream::end(BufferId buffer) noexcept {
  Slot& slot = slots_[buffer.slot()];
  window_.commands.push_back({.kind = CommandKind::kRelease, .id = ++next_id_, .buffer = buffer, .size = slot.size});
  statistics_.allocated -= slot.size;
  --statistics_.allocations;
  slot = {.generation = slot.generation + 1};
  // A slot that has had all its names is given to nobody again.
  if (slot.generation != kDeviceGeneration) released_slots_.push_back(buffer.slot());
}

void Stream::write(BufferId buffer, int64_t offset, const void* source, int64_t size) {
  LS_REQUIRE(size >= 0, "an upload of ", size, " bytes is asked for; a size is 0 or more");
  if (size == 0) return;
  if (size <= kInlineUpload || capturing()) return write_small(buffer, offset, source, size);
  const auto* from = static_cast<const std::byte*>(source);
  for (int64_t done = 0; done < size; done += Staging::kBlock)
    write_block(buffer, offset + done, from + done, std::min(size - done, Staging::kBlock));
}

void Stream::write_small(BufferId buffer, int64_t offset, const void* source, int64_t size) {
  std::unique_lock lock(mutex_);
  upload(lock, buffer, offset, size, window_.arena.copy(static_cast<const std::byte*>(source), size));
}

void Stream::write_block(BufferId buffer, int64_t offset, const std::byte* source, int64_t size) {
  auto block = staging_.take();
  while (!block) {
    reclaim();
    block = staging_.take();
  }
  std::memcpy(block.get(), source, size);  // outside the lock
  std::unique_lock lock(mutex_);
  const std::byte* data = block.get();
  window_.owned.push_back(std::move(block));
  upload(lock, buffer, offset, size, data);
}

void Stream::upload(std::unique_lock<std::mutex>& lock, BufferId buffer, int64_t offset, int64_t size,
                    const std::byte* data) {
  if (error_) rethrow();
  require_within(buffer, offset, size, "an upload");
  window_.commands.push_back({.kind = CommandKind::kUpload,
                              .label = current_label(),
                              .id = ++next_id_,
                              .buffer = buffer,
                              .size = size,
                              .offset = offset,
                              .data = data});
  weigh(size);
  if (size > kInlineUpload && !capture_)
    send(lock, seal_window());  // the device copies one block while the next is written
  recorded(lock);
}

void Stream::reclaim() {
  uint64_t ticket = 0;
  {
    std::unique_lock lock(mutex_);
    close_window();
    if (running_.empty()) done_.wait_for(lock, 1ms);  // the blocks are in a list that is not submitted yet
    if (!running_.empty()) ticket = running_.front().ticket;
  }
  if (!ticket) return;
  executor_.wait(ticket);
  std::lock_guard lock(mutex_);
  retire();
}

void Stream::read(BufferId buffer, int64_t offset, void* destination, int64_t size) {
  struct Read {
    BufferId buffer;
    int64_t offset;
    void* destination;
    int64_t size;
  } read{buffer, offset, destination, size};
  std::unique_lock lock(mutex_);
  require_no_capture("a value cannot be read");
  require_within(buffer, offset, size, "a read");
  run_task(
      lock,
      [](Executor& executor, void* context) {
        auto* r = static_cast<Read*>(context);
        executor.read(r->buffer, r->offset, r->destination, r->size);
      },
      &read);
}

Event Stream::record_event() {
  auto state = std::make_shared<EventState>();
  std::unique_lock lock(mutex_);
  require_no_capture("an event cannot be recorded");
  window_.owned.push_back(state);
  window_.commands.push_back({.kind = CommandKind::kEvent, .id = ++next_id_, .event = state.get()});
  Event event{next_ticket_, state};
  recorded(lock);
  return event;
}

bool Stream::query(const Event& event) {
  if (!event.ticket) return true;
  {
    std::lock_guard lock(mutex_);
    if (event.ticket == next_ticket_ && !capture_) close_window();
    if (event.ticket > submitted_) return false;
  }
  return executor_.completed() >= event.ticket;
}

void Stream::wait(const Event& event) {
  if (!event.ticket) return;
  std::unique_lock lock(mutex_);
  require_no_capture("an event cannot be waited for");
  if (event.ticket == next_ticket_) seal_window();
  wait_ticket(lock, event.ticket);
  rethrow();
}

double Stream::elapsed_ms(const Event& start, const Event& end) {
  LS_REQUIRE(start.state && end.state, "elapsed time needs two events that have been recorded");
  int64_t from = start.state->nanoseconds, to = end.state->nanoseconds;
  LS_REQUIRE(from && to, "elapsed time needs two events that have been reached; synchronize first");
  return static_cast<double>(to - from) * 1e-6;
}

void Stream::flush() {
  std::unique_lock lock(mutex_);
  if (capture_) return;
  close_window();
  throttle(lock);
}

void Stream::wait() {
  std::unique_lock lock(mutex_);
  require_no_capture("the device cannot be waited for");
  run_task(
      lock, [](Executor&, void*) {}, nullptr);
}

bool Stream::idle() {
  std::lock_guard lock(mutex_);
  return (window_.commands.empty() || capture_) && submitted_ + 1 == next_ticket_ &&
         executor_.completed() >= submitted_;
}

void Stream::trim() {
  std::unique_lock lock(mutex_);
  require_no_capture("cached memory cannot be given back");
  run_task(
      lock, [](Executor& executor, void*) { executor.trim(); }, nullptr);
}

MemoryStatistics Stream::statistics() {
  MemoryStatistics result;
  {
    std::lock_guard lock(mutex_);
    result = statistics_;
  }
  result.reserved = executor_.memory().reserved;
  result.budget = options_.budget;
  result.limit = limit();
  return result;
}

void Stream::reset_peak() {
  std::lock_guard lock(mutex_);
  statistics_.peak_allocated = statistics_.allocated;
}

Stream::Counters Stream::counters() {
  std::lock_guard lock(mutex_);
  Counters counters = counters_;
  counters.recorded = next_id_;
  return counters;
}

void Stream::require_live(BufferId buffer) const {
  bool known = buffer.slot() < slots_.size();
  const Slot& slot = slots_[known ? buffer.slot() : 0];
  LS_REQUIRE(known && slot.generation == buffer.generation() && slot.size >= 0 && !slot.released, "buffer ",
             buffer.slot(), " is used after its release");
}

void Stream::require_within(BufferId buffer, int64_t offset, int64_t size, const char* what) const {
  bool known = buffer.slot() < slots_.size() && slots_[buffer.slot()].generation == buffer.generation();
  int64_t total = known ? slots_[buffer.slot()].size : -1;
  LS_REQUIRE(total >= 0, what, " names buffer ", buffer.slot(), ", which is not there");
  LS_REQUIRE(lies_within(offset, size, total), what, " of ", size, " bytes at ", offset,
             " passes the end of its buffer of ", total, " bytes");
}

void Stream::recorded(std::unique_lock<std::mutex>& lock, Pause pause) {
  if (capture_) return;
  auto size = static_cast<int>(window_.commands.size());
  constexpr size_t kMeasured = 16;
  if (window_.commands.size() >= measured_ + kMeasured) measure_window();
  int most = options_.fusion ? 2 : 1;
  if (size >= most * options_.window || window_work_.units > most * kWindowWork) {
    close_due(lock, pause);
  } else if (size >= options_.window || window_work_.units > kWindowWork) {
    due_ = true;
  } else if (window_.commands.size() == 1) {
    ++activity_;
    if (sleep_ != Sleep::kDeep) return;
    lock.unlock();
    work_.notify_one();
  }
}

// What was created last is for the operation that comes, and goes to the next window with it.
void Stream::close_due(std::unique_lock<std::mutex>& lock, Pause pause) {
  if (capture_) return;
  bool runs_here = executor_.threads() == Executor::Threads::kRecording;
  if (runs_here && pause == Pause::kNever) return;  // the next append closes it
  auto& commands = window_.commands;
  auto last = std::find_if(commands.rbegin(), commands.rend(),
                           [](const Command& command) { return command.kind != CommandKind::kCreate; });
  if (last == commands.rend()) return;
  std::vector<Command> creations(last.base(), commands.end());
  commands.erase(last.base(), commands.end());
  uint64_t ticket = seal_window();
  window_.commands.assign(creations.begin(), creations.end());
  if (runs_here) {
    send(lock, ticket);
  } else {
    wake_thread();
  }
  if (pause == Pause::kMay) throttle(lock);
}

void Stream::throttle(std::unique_lock<std::mutex>& lock) {
  while ((queue_.size() >= kQueueLimit || far_behind()) && !stop_) done_.wait(lock);
}

uint64_t Stream::close_window() {
  uint64_t ticket = seal_window();
  wake_thread();
  return ticket;
}

uint64_t Stream::seal_window() {
  if (window_.commands.empty()) return next_ticket_ - 1;
  measure_window();
  short_ = executor_.threads() == Executor::Threads::kOwnUnlessShort && window_bytes_ <= kShortBytes &&
           window_work_.bytes <= kShortTraffic;
  auto list = spare_.empty() ? std::make_unique<CommandList>() : std::move(spare_.back());
  if (!spare_.empty()) spare_.pop_back();
  std::swap(*list, window_);
  free_slots_.insert(free_slots_.end(), released_slots_.begin(), released_slots_.end());
  released_slots_.clear();
  queue_.push_back({std::move(list), next_ticket_});
  closed_work_ += std::exchange(window_work_, {}).units;
  measured_ = 0;
  due_ = false;
  window_bytes_ = 0;
  ++counters_.windows;
  ++activity_;
  return next_ticket_++;
}

void Stream::rethrow() {
  if (!error_) return;
  Error error = *error_;
  if (error.code() != ErrorCode::kDeviceLost) error_.reset();
  throw error;
}

}  // namespace lineshaft
