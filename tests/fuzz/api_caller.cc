#include "fuzz/api_caller.h"

#include <algorithm>
#include <cstdio>

#include "commands/range.h"
#include "support/examples.h"

namespace lineshaft::fuzz {
namespace {

constexpr double kLongest = 1 << 15;  // of an operation (fuzz/time.h)
constexpr size_t kMostGraphs = 8;

// The example of an operation.
const Command& example(size_t kind) {
  static const auto* all = [] {
    auto* list = new CommandList;
#define LINESHAFT_OPERATION(Type, name) list->add(examples::name(), nullptr, 0);
#include "lineshaft/ops/catalogue.def"
    return list;
  }();
  return all->commands[kind];
}

// Bytes to write, never twice the same from one place.
std::span<const std::byte> source(int64_t size, Choices& choices) {
  constexpr size_t kMostOffset = 1 << 16;
  static const auto* pool = [] {
    auto* bytes = new std::vector<std::byte>((size_t{16} << 20) + kMostOffset);
    Random random(1);
    for (std::byte& each : *bytes) each = static_cast<std::byte>(random() >> 7);
    return bytes;
  }();
  return std::span(*pool).subspan(choices.bits(2), static_cast<size_t>(size));
}

// A device that does nothing at once, for the streams whose handles are another's.
class Idle final : public Executor {
 public:
  void submit(const CommandList& list, uint64_t ticket) override {
    for (const Command& command : list.commands)
      if (command.kind == CommandKind::kEvent) command.event->nanoseconds = 1;
    completed_ = ticket;
  }
  uint64_t completed() const override { return completed_; }
  void wait(uint64_t) override {}
  void read(BufferId, int64_t, void*, int64_t) override {}
  std::optional<Error> take_error() override { return std::nullopt; }
  void trim() override {}
  ExecutorMemory memory() const override { return {}; }

 private:
  std::atomic<uint64_t> completed_{0};
};

// What another stream gave, which lives as long as the process.
struct Foreign {
  Idle device;
  Stream stream{device, {.validate = true, .first_generation = 1 << 24 | 1}};
  BufferId buffer;
  std::shared_ptr<Graph> graph;
  Event event;

  Foreign() {
    buffer = stream.create(1024);
    TensorView from[] = {contiguous_view(buffer, DType::kF32, {8})};
    TensorView to[] = {contiguous_view(buffer, DType::kF32, {8}, 512)};
    stream.begin_capture();
    stream.record(Map{identity_program(DType::kF32), from, to, {}});
    graph = stream.end_capture();
    for (int i = 0; i < 100; ++i) {  // of a later ticket than the streams that are fuzzed mostly give
      event = stream.record_event();
      stream.flush();
    }
    stream.wait();
  }
};

Foreign& foreign() {
  static auto* one = new Foreign;
  return *one;
}

StreamOptions options_of(uint8_t bits, const Device& device, int64_t budget) {
  return {.fusion = (bits & 1) == 0,
          .validate = true,
          .window = bits & 2 ? 4 : 256,
          .budget = budget,
          .limits = device.properties().fusion};
}

}  // namespace

void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "the API's contract is broken: %s\n", what);
  std::abort();
}

void must_explain(const Error& error) {
  if (error.code() != ErrorCode::kInternal && *error.what()) return;
  std::fprintf(stderr, "internal error: %s\n", error.what());
  std::abort();
}

ApiCaller::ApiCaller(uint8_t options) : stream_(device_, options_of(options, device_, kBudget)) {}

ApiCaller::~ApiCaller() {
  if (capturing_) works([&] { graphs_.push_back({stream_.end_capture(parameters_)}); });
  for (Captured& each : graphs_)
    if (!each.forgotten) stream_.forget(each.graph);
  while (!live_.empty()) release(BufferId{live_.begin()->first});
  // An operation's error and the stream's own may still be waiting to be told.
  bool quiet = false;
  for (int i = 0; i < 4 && !quiet; ++i) quiet = works([&] { stream_.wait(); });
  must(quiet, "an error is told again and again");
  MemoryStatistics memory = stream_.statistics();
  must(memory.allocated == 0 && memory.allocations == 0, "memory is left at the end");
}

Shadow* ApiCaller::find(BufferId buffer) {
  auto found = live_.find(buffer.value);
  return found == live_.end() ? nullptr : &found->second;
}

BufferId ApiCaller::create(int64_t size) {
  bool fits = size >= 0 && size <= kBudget - stream_.statistics().allocated;
  BufferId buffer;
  if (!call(fits ? Expected::kWorks : Expected::kThrows, [&] { buffer = stream_.create(size); })) return {};
  must(buffer && live_.emplace(buffer.value, Shadow(size)).second, "a name is given twice");
  return buffer;
}

BufferId ApiCaller::at(size_t place) {
  BufferId& buffer = places_[place % kPlaces];
  if (!find(buffer)) buffer = create(examples::kBufferSize);
  return buffer;
}

void ApiCaller::release(BufferId buffer) {
  ++calls_;
  stream_.release(buffer);
  if (live_.erase(buffer.value) && released_.size() < 64) released_.push_back(buffer);
}

void ApiCaller::write(BufferId buffer, int64_t offset, int64_t size, Choices& choices) {
  Shadow* shadow = find(buffer);
  bool right = shadow && shadow->holds(offset, size);
  auto data = source(right ? size : 0, choices);
  auto expected = right ? Expected::kWorks : size == 0 ? Expected::kEither : Expected::kThrows;
  bool worked = call(expected, [&] { stream_.write(buffer, offset, data.data(), size); });
  if (!right) return;
  if (worked && !capturing_)
    shadow->write(offset, data);
  else if (!worked)
    shadow->forget(offset, size);  // a part of it may be there
}

void ApiCaller::read(BufferId buffer, int64_t offset, int64_t size) {
  Shadow* shadow = find(buffer);
  bool right = shadow && shadow->holds(offset, size);
  std::vector<std::byte> data(right ? static_cast<size_t>(size) : 1);
  auto expected = right ? unless_capturing() : Expected::kThrows;
  bool worked = call(expected, [&] { stream_.read(buffer, offset, data.data(), size); });
  if (worked) must(shadow->agrees(offset, data), "what is read is not what was written");
}

// Mostly a range that is there.
void ApiCaller::transfer(bool out, Choices& choices) {
  BufferId buffer = at(choices.below(kPlaces));
  Shadow* shadow = find(buffer);
  if (!shadow) return;
  int64_t offset = 0, size = 0;
  if (choices.one_in(4)) {
    offset = choices.number(shadow->size());
    size = choices.number(shadow->size());
  } else {
    offset = choices.within(shadow->size());
    int64_t left = shadow->size() - offset;
    size = choices.one_in(4) ? left : choices.within(std::min<int64_t>(left, 4096));
  }
  out ? read(buffer, offset, size) : write(buffer, offset, size, choices);
}

BufferId ApiCaller::strange(Choices& choices) {
  auto number = static_cast<uint32_t>(choices.bits(4));
  switch (choices.below(6)) {
    case 0:
      return foreign().buffer;
    case 1:
      return BufferId::make(static_cast<uint32_t>(choices.below(kPlaces)), number);
    case 2:
      return BufferId::make(number, 1);
    case 3:
      return BufferId::make(UINT32_MAX, UINT32_MAX);
    default:
      return released_.empty() ? BufferId{} : released_[choices.below(released_.size())];
  }
}

template <class Op>
void ApiCaller::record(const Op& op) {
  bool right = works([&] {
    validate(op);
    for_each_touch(op, [&](const TensorView& view, const Touch& touch) {
      Shadow* shadow = find(view.buffer);
      LS_REQUIRE(shadow, "the buffer is not live");
      require_inside(view, touch, shadow->size());
    });
  });
  if (right && time_of(op) > kLongest) return;
  bool worked = call(right ? Expected::kWorks : Expected::kThrows, [&] { stream_.record(op); });
  if (!worked) return;
  ++operations_;
  if (capturing_) return;
  for_each_view(op, [&](const TensorView& view, bool, bool written) {
    if (written) find(view.buffer)->forget();
  });
}

// Names buffers of this stream in the place of the example's, seldom others, and puts a parameter's placeholder where a
// run may give a value.
template <class Op>
void ApiCaller::place(Op& op, Choices& choices) {
  bool wild = choices.one_in(8);
  std::vector<TensorView*> views;
  for_each_view(op, [&](const TensorView& view, bool, bool) { views.push_back(&const_cast<TensorView&>(view)); });
  for (TensorView* view : views) view->buffer = at(view->buffer.slot());
  if (wild && !views.empty()) {
    TensorView& view = *views[choices.random()() % views.size()];
    switch (choices.below(4)) {
      case 0:
        view.rank = choices.byte();
        break;
      case 1:
        view.dtype = static_cast<DType>(choices.byte());
        break;
      case 2:
        view.offset = choices.number(examples::kBufferSize);
        break;
      default:
        view.buffer = strange(choices);
    }
  }
  if (parameters_.empty() || !choices.one_in(2)) return;
  uint64_t placeholder = parameters_[choices.below(parameters_.size())].first;
  if constexpr (requires { op.args; })
    if (!op.args.empty()) const_cast<Scalar&>(op.args[0]).bits = placeholder;
  if constexpr (requires { op.seed; }) op.seed = static_cast<int64_t>(placeholder);
}

void ApiCaller::record_example(Choices& choices) {
  const Command& chosen = example(choices.below(kOpKindCount));
  size_t changes = choices.below(4);
  CommandList list;
  visit_operation(chosen.op_kind, chosen.op, [&](const auto& op) { list.add(op, nullptr, 0); });
  for (; changes > 0; --changes) mutate(list, choices.random());
  Stream::Label label(choices.one_in(2) ? "an operator" : nullptr);
  for (const Command& command : list.commands)
    visit_operation(command.op_kind, command.op, [&](const auto& op) {
      auto& mine = const_cast<std::remove_cvref_t<decltype(op)>&>(op);
      place(mine, choices);
      record(mine);
    });
}

void ApiCaller::record_program(Choices& choices) {
  ProgramRef program = build_program(choices);
  if (!program || program->outputs.empty()) return;
  constexpr int64_t kElements = 16;
  size_t inputs = program->inputs.size(), operands = inputs + program->outputs.size();
  std::vector<TensorView> views;
  for (size_t i = 0; i < operands; ++i) {
    DType dtype = i < inputs ? program->inputs[i] : program->outputs[i - inputs];
    views.push_back(contiguous_view(at(i), dtype, {kElements}));
  }
  std::vector<Scalar> args(program->args.size());
  for (Scalar& arg : args) arg.bits = choices.bits();
  if (choices.one_in(8)) args.emplace_back();
  record(Map{program, List<TensorView>(views.data(), inputs),
             List<TensorView>(views.data() + inputs, operands - inputs), args});
}

void ApiCaller::capture(Choices& choices) {
  if (!capturing_) {
    if (graphs_.size() >= kMostGraphs) return;
    call(Expected::kThrows, [&] { stream_.new_parameter(); });
    call(Expected::kThrows, [&] { stream_.end_capture(); });
    capturing_ = call(Expected::kWorks, [&] { stream_.begin_capture(); });
    must(stream_.capturing() == capturing_, "a capture is and is not under way");
    for (size_t count = capturing_ ? choices.below(3) : 0; count > 0; --count)
      call(Expected::kWorks, [&] { parameters_.push_back(stream_.new_parameter(1 + choices.bits(1))); });
    return;
  }
  call(Expected::kThrows, [&] { stream_.begin_capture(); });
  call(Expected::kThrows, [&] { stream_.new_parameter(0); });
  call(Expected::kThrows, [&] { stream_.new_parameter(UINT64_MAX - choices.bits(4)); });
  std::shared_ptr<Graph> graph;
  // Its memory may pass the budget.
  bool worked = call(Expected::kEither, [&] { graph = stream_.end_capture(parameters_); });
  must(!stream_.capturing() && worked == (graph != nullptr), "a capture goes on after its end");
  capturing_ = false;
  if (worked) graphs_.push_back({std::move(graph)});
  parameters_.clear();
}

void ApiCaller::replay(Choices& choices) {
  if (graphs_.empty()) return;
  Captured& chosen = graphs_[choices.below(graphs_.size())];
  std::vector<uint64_t> values(chosen.graph->parameters().size());
  for (uint64_t& value : values) value = choices.bits();
  bool right = !capturing_ && !chosen.forgotten;
  if (choices.one_in(8)) {
    right = false;
    values.resize(choices.one_in(2) && !values.empty() ? values.size() - 1 : values.size() + 1);
  }
  bool worked = call(right ? Expected::kWorks : Expected::kThrows, [&] { stream_.replay(chosen.graph, values); });
  if (!worked) return;
  for (BufferId buffer : chosen.graph->buffers())
    if (Shadow* shadow = find(buffer)) shadow->forget();
}

void ApiCaller::forget(Choices& choices) {
  if (graphs_.empty()) return;
  Captured& chosen = graphs_[choices.below(graphs_.size())];
  ++calls_;
  stream_.forget(chosen.graph);  // once more changes nothing
  chosen.forgotten = true;
}

void ApiCaller::event(Choices& choices) {
  if (events_.size() < 16 && choices.one_in(2)) {
    Event event;
    if (call(unless_capturing(), [&] { event = stream_.record_event(); })) events_.push_back(event);
  }
  Event empty;
  call(Expected::kWorks, [&] { must(stream_.query(empty), "an empty event is not reached"); });
  call(Expected::kWorks, [&] { stream_.wait(empty); });
  call(Expected::kThrows, [&] { Stream::elapsed_ms(empty, empty); });
  if (events_.empty()) return;
  const Event &first = events_[choices.below(events_.size())], &second = events_[choices.below(events_.size())];
  call(Expected::kWorks, [&] { stream_.query(first); });
  if (choices.one_in(2) && call(unless_capturing(), [&] { stream_.wait(first); }))
    must(stream_.query(first), "an event that was waited for is not reached");
  bool reached = first.state->nanoseconds != 0 && second.state->nanoseconds != 0;
  call(reached ? Expected::kWorks : Expected::kEither, [&] { Stream::elapsed_ms(first, second); });
}

void ApiCaller::wait(Choices& choices) {
  switch (choices.below(6)) {
    case 0:
      call(unless_capturing(), [&] { stream_.wait(); });
      return;
    case 1:
      call(unless_capturing(), [&] { stream_.trim(); });
      return;
    case 2:
      call(Expected::kWorks, [&] { stream_.flush(); });
      return;
    case 3:
      stream_.idle();
      return;
    case 4:
      stream_.reset_peak();
      return;
    default: {
      MemoryStatistics memory = stream_.statistics();
      must(memory.allocated <= memory.peak_allocated && memory.peak_allocated <= memory.total_allocated &&
               memory.allocated <= memory.budget,
           "statistics contradict each other");
      must(stream_.counters().recorded >= operations_, "operations are not counted");
    }
  }
}

void ApiCaller::use_strange(Choices& choices) {
  BufferId buffer = strange(choices);
  Foreign& other = foreign();
  switch (choices.below(8)) {
    case 0:
      return release(buffer);
    case 1:
      return read(buffer, choices.number(64), choices.number(64));
    case 2:
      return write(buffer, choices.number(64), choices.number(64), choices);
    case 3:
      call(Expected::kThrows, [&] { stream_.replay(other.graph); });
      return;
    case 4:
      call(Expected::kThrows, [&] { stream_.replay(nullptr); });
      return;
    case 5:
      stream_.forget(choices.one_in(2) ? other.graph : nullptr);
      return;
    case 6:
      call(Expected::kThrows, [&] { stream_.wait(other.event); });
      return;
    default:
      call(Expected::kThrows, [&] { stream_.query(other.event); });
  }
}

void ApiCaller::step(Step step, Choices& choices) {
  switch (step) {
    case Step::kCreate: {
      BufferId& place = places_[choices.below(kPlaces)];
      if (find(place)) release(place);
      static constexpr int64_t kSizes[] = {0, 1, 4, 64, 1000, 65536, 65537, 1 << 20, (1 << 20) + 1, 5 << 19};
      place = create(choices.one_in(4) ? choices.number(kBudget) : kSizes[choices.below(std::size(kSizes))]);
      return;
    }
    case Step::kRelease: {
      BufferId buffer = places_[choices.below(kPlaces)];
      release(buffer);
      if (choices.one_in(2)) release(buffer);
      return;
    }
    case Step::kWrite:
      return transfer(false, choices);
    case Step::kRead:
      return transfer(true, choices);
    case Step::kCapture:
      return capture(choices);
    case Step::kReplay:
      return replay(choices);
    case Step::kForget:
      return forget(choices);
    case Step::kEvent:
      return event(choices);
    case Step::kWait:
      return wait(choices);
    case Step::kProgram:
      return record_program(choices);
    case Step::kStrange:
      return use_strange(choices);
    case Step::kViews:
      return call_views(choices);
    case Step::kRules:
      return call_rules(choices);
    case Step::kFrontend:
      return call_frontend(choices);
    default:
      return record_example(choices);
  }
}

}  // namespace lineshaft::fuzz
