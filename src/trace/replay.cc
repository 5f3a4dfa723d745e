#include "trace/replay.h"

#include <chrono>
#include <cmath>
#include <deque>

#include "commands/validate.h"
#include "lineshaft/commands/graph.h"
#include "tensor/element.h"

namespace lineshaft {
namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kReplayInFlight = 64;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void rethrow(Executor& executor) {
  if (auto error = executor.take_error()) throw *error;
}

// Runs commands one at a time. The list that holds them outlives each.
class Stepper {
 public:
  explicit Stepper(Executor& executor) : executor_(executor), ticket_(executor.completed()) {}
  void run(const Command& command) {
    CommandList one;
    one.commands.push_back(command);
    executor_.submit(one, ++ticket_);
    executor_.wait(ticket_);
    rethrow(executor_);
  }
  Bytes read(BufferId buffer, const ByteRange& range) {
    Bytes bytes(static_cast<size_t>(range.end - range.begin));
    executor_.read(buffer, range.begin, bytes.data(), static_cast<int64_t>(bytes.size()));
    return bytes;
  }

 private:
  Executor& executor_;
  uint64_t ticket_;
};

void count(const CommandList& list, ReplayResult& result) {
  ++result.lists;
  for (const Command& command : list.commands) {
    if (command.kind == CommandKind::kUpload) result.uploaded += command.size;
    result.recorded += command.kind == CommandKind::kOperation;
  }
}

double tolerance_of(DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return 1e-9;
    case DType::kF32:
      return 1e-4;
    case DType::kF16:
      return 1e-2;
    case DType::kBF16:
      return 5e-2;
    default:
      return 0;
  }
}

// 0 where equal; NaN equals NaN, and an infinity itself only.
double distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  double d = std::abs(a - b) / (1 + std::abs(a));
  return std::isfinite(d) ? d : HUGE_VAL;
}

// How far the outputs of one view lie apart; `limit` elements are compared.
Difference compare_view(const TensorView& view, const Bytes& a, const Bytes& b, double tolerance, int64_t limit) {
  Difference difference{.output = to_string(view)};
  int64_t base = byte_range(view).begin, number = 0;
  for_each_element(view, [&](const auto&, int64_t offset) {
    const std::byte *x = a.data() + (offset - base), *y = b.data() + (offset - base);
    if (number < limit && std::memcmp(x, y, static_cast<size_t>(size_of(view.dtype))) != 0) {
      double u = load_double(x, view.dtype), v = load_double(y, view.dtype);
      double apart = is_float(view.dtype) ? distance(u, v) : HUGE_VAL;
      if (apart > tolerance) {
        if (difference.elements++ == 0) difference = {{}, difference.output, 1, number, u, v, 0};
        difference.worst = std::max(difference.worst, apart);
      }
    }
    ++number;
  });
  return difference;
}

int64_t specified_elements(const TensorView& view, const Touch& touch, Stepper& stepper) {
  if (!touch.count) return view.numel();
  return load_as<int64_t>(stepper.read(touch.count->buffer, byte_range(*touch.count)).data());
}

}  // namespace

ReplayResult replay(TraceReader& trace, Executor& executor, const ReplayOptions& options) {
  ReplayResult result;
  BufferTable buffers;
  std::deque<std::pair<uint64_t, std::unique_ptr<CommandList>>> running;
  uint64_t ticket = executor.completed();
  for (auto list = std::make_unique<CommandList>(); trace.next(*list); list = std::make_unique<CommandList>()) {
    validate(*list, buffers);
    expand_graphs(*list);
    count(*list, result);
    auto start = Clock::now();
    if (options.fusion) fuse(*list, options.limits);
    for (const Command& command : list->commands)
      if (command.kind == CommandKind::kOperation) ++result.kinds[static_cast<int>(command.op_kind)].operations;
    if (options.profile) {
      for (const Command& command : list->commands) {
        CommandList one;
        one.commands.push_back(command);
        auto begin = Clock::now();
        executor.submit(one, ++ticket);
        executor.wait(ticket);
        if (command.kind == CommandKind::kOperation)
          result.kinds[static_cast<int>(command.op_kind)].seconds += seconds_since(begin);
      }
    } else {
      executor.submit(*list, ++ticket);
      running.emplace_back(ticket, std::move(list));
      if (running.size() > kReplayInFlight) executor.wait(running.front().first);
      while (!running.empty() && running.front().first <= executor.completed()) running.pop_front();
    }
    result.seconds += seconds_since(start);
  }
  auto start = Clock::now();
  executor.wait(ticket);
  result.seconds += seconds_since(start);
  rethrow(executor);
  for (const auto& kind : result.kinds) result.executed += kind.operations;
  return result;
}

std::vector<Difference> compare(TraceReader& trace, Executor& a, Executor& b, const CompareOptions& options) {
  std::vector<Difference> differences;
  BufferTable buffers;
  Stepper left(a), right(b);
  CommandList list;
  while (trace.next(list) && differences.size() < options.differences) {
    validate(list, buffers);
    expand_graphs(list);
    for (const Command& command : list.commands) {
      left.run(command);
      right.run(command);
      if (command.kind != CommandKind::kOperation) continue;
      for_each_touch(command, [&](const TensorView& view, const Touch& touch) {
        if (!touch.written || view.numel() == 0) return;
        TensorView whole = touch.whole(view);
        ByteRange range = byte_range(whole);
        Bytes x = left.read(whole.buffer, range), y = right.read(whole.buffer, range);
        if (x == y) return;
        Difference difference = compare_view(whole, x, y, tolerance_of(whole.dtype) * options.tolerance,
                                             specified_elements(whole, touch, left));
        if (difference.elements) {
          difference.command = to_string(command);
          differences.push_back(difference);
        }
        right.run({.kind = CommandKind::kUpload,
                   .buffer = whole.buffer,
                   .size = range.end - range.begin,
                   .offset = range.begin,
                   .data = x.data()});
      });
    }
  }
  return differences;
}

}  // namespace lineshaft
