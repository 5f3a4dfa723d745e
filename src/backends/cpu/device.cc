#include "backends/cpu/device.h"

#include <cfenv>
#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

#include "backends/cpu/dnn/packed_weights.h"
#include "backends/cpu/parallel.h"
#include "device/failure.h"
#include "platform/clock.h"
#include "platform/environment.h"

namespace lineshaft::cpu {

int thread_count() {
  static const int count = [] {
    static constexpr const char* kOpenMp = "OMP_NUM_THREADS";
    for (const char* name : {"LINESHAFT_THREADS", kOpenMp}) {
      auto text = environment(name);
      if (!text) continue;
      constexpr int kMost = 4096;
      std::string_view number = *text;
      if (name == kOpenMp) number = number.substr(0, number.find(','));  // a list is for nested regions
      int value = 0;
      auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
      LS_REQUIRE(error == std::errc() && end == number.data() + number.size() && value > 0 && value <= kMost, name, "=",
                 *text, " is no number of threads; it is 1 to ", kMost);
      return value;
    }
    return usable_cores();
  }();
  return count;
}

namespace {

// The thread may be the caller's own, with a pool size and a way of rounding that others chose: kernels have theirs
// while this lives.
class KernelEnvironment {
 public:
  KernelEnvironment() {
    if (threads_ != thread_count()) omp_set_num_threads(thread_count());
    std::fegetenv(&floating_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~KernelEnvironment() {
    std::fesetenv(&floating_);
    if (threads_ != thread_count()) omp_set_num_threads(threads_);
  }
  KernelEnvironment(const KernelEnvironment&) = delete;
  KernelEnvironment& operator=(const KernelEnvironment&) = delete;

 private:
  const int threads_ = omp_get_max_threads();
  std::fenv_t floating_;
};

}  // namespace

CpuDevice::CpuDevice(DeviceProperties properties)
    : properties_(std::move(properties)),
      threads_(usable_cores() == 1 ? Threads::kRecording : Threads::kOwnUnlessShort) {}

void CpuDevice::submit(const CommandList& list, uint64_t ticket) {
  KernelEnvironment environment;
  for (const Command& command : list.commands) {
    try {
      execute(command);
    } catch (const std::exception&) {
      report(failure_of(command));
    }
    free_scratch();
  }
  reserved_ = memory_.reserved() + static_cast<int64_t>(kept<PackedWeights>().bytes());
  in_use_ = memory_.in_use();
  completed_ = ticket;
}

void CpuDevice::execute(const Command& command) {
  current_ = &command;
  switch (command.kind) {
    case CommandKind::kOperation:
      visit_operation(command.op_kind, command.op, [&](const auto& op) {
        // A buffer gets its memory when it is first asked for, which a kernel's threads would do at once.
        for_each_view(op, [&](const TensorView& view, bool, bool) { memory_.address(view.buffer); });
        run(*this, op);
        for_each_view(op, [&](const TensorView& view, bool, bool written) {
          if (written) memory_.written(view.buffer);
        });
      });
      break;
    case CommandKind::kCreate:
      memory_.create(command.buffer, command.size);
      break;
    case CommandKind::kRelease:
      memory_.release(command.buffer);
      break;
    case CommandKind::kUpload:
      if (command.size == 0) break;
      std::memcpy(memory_.address(command.buffer) + command.offset, command.data, command.size);
      memory_.written(command.buffer);
      break;
    case CommandKind::kEvent:
      command.event->nanoseconds = now_ns();
      break;
    case CommandKind::kReplay:  // the stream has put the graph's commands in its place
    case CommandKind::kForget:
      break;
  }
}

void CpuDevice::read(BufferId buffer, int64_t offset, void* destination, int64_t size) {
  if (size == 0) return;
  std::memcpy(destination, memory_.address(buffer) + offset, size);
}

std::optional<Error> CpuDevice::take_error() {
  std::lock_guard lock(error_mutex_);
  return std::exchange(error_, std::nullopt);
}

void CpuDevice::pause() {
  // The pool's threads look for work for milliseconds before they sleep, on cores that are another's now.
  omp_pause_resource_all(omp_pause_soft);
}

void CpuDevice::trim() {
  kept<PackedWeights>().clear();
  memory_.trim();
  reserved_ = memory_.reserved();
}

void* CpuDevice::scratch(size_t bytes) {
  scratch_.push_back(memory_.allocate(static_cast<int64_t>(bytes)));  // what is past 2^63 is below 0 and refused
  return memory_.address(scratch_.back());
}

void CpuDevice::free_scratch() {
  for (const auto& block : scratch_) memory_.free(block);
  scratch_.clear();
}

void CpuDevice::report_index(int64_t index, int64_t bound) {
  const char* name = current_->label ? current_->label : name_of(current_->op_kind);
  report(
      Error(ErrorCode::kIndex, concat(name, ": index ", index, " is out of range; it must lie in 0 to ", bound - 1)));
}

void CpuDevice::report_requirement(Requirement requirement) {
  const char* name = current_->label ? current_->label : name_of(current_->op_kind);
  report(Error(ErrorCode::kInvalidArgument, concat(name, ": ", text_of(requirement))));
}

void CpuDevice::report(const Error& error) {
  std::lock_guard lock(error_mutex_);
  if (!error_) error_ = error;
}

}  // namespace lineshaft::cpu
