#include "fuzz/mutate.h"

#include <algorithm>

namespace lineshaft::fuzz {
namespace {

constexpr int64_t kSizes[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 130, 256, 1000};
constexpr int64_t kEdges[] = {
    0,   1,   -1,  2, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, int64_t{1} << 52, int64_t{1} << 31, int64_t{1} << 32,
    255, 256, 4096};

template <class T, size_t N>
T pick(const T (&values)[N], Random& random) {
  return values[random() % N];
}

// What of an operation can be changed.
struct Fields {
  std::vector<TensorView*> inputs, views;
  std::vector<std::pair<void*, size_t>> numbers;
  std::vector<double*> doubles;
  std::vector<bool*> bools;
  std::vector<ProgramRef*> programs;

  template <class T>
  void add(T& field, bool input) {
    using Plain = std::remove_const_t<T>;
    auto& open = const_cast<Plain&>(field);
    if constexpr (std::is_same_v<Plain, TensorView>) {
      views.push_back(&open);
      if (input) inputs.push_back(&open);
    } else if constexpr (std::is_same_v<Plain, ProgramRef>) {
      programs.push_back(&open);
    } else if constexpr (std::is_same_v<Plain, double>) {
      doubles.push_back(&open);
    } else if constexpr (std::is_same_v<Plain, bool>) {
      bools.push_back(&open);
    } else {
      numbers.emplace_back(&open, sizeof open);
    }
  }
  template <class T, size_t N>
  void add(std::array<T, N>& array, bool input) {
    for (T& each : array) add(each, input);
  }
  template <class T>
  void add(List<T>& list, bool input) {
    for (const T& each : list) add(each, input);
  }
  template <class T>
  void input(const char*, T& field) {
    add(field, true);
  }
  template <class T>
  void output(const char*, T& field) {
    add(field, false);
  }
  template <class T>
  void inout(const char*, T& field) {
    add(field, false);
  }
  template <class T>
  void param(const char*, T& field) {
    add(field, false);
  }
};

Fields fields_of(const Command& command) {
  Fields fields;
  visit_operation(command.op_kind, command.op, [&](const auto& op) {
    using Op = std::remove_cvref_t<decltype(op)>;
    Op::fields(const_cast<Op&>(op), fields);
  });
  return fields;
}

// Sizes and strides that have been changed may be any numbers: these wrap.
int64_t plus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
int64_t times(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

void make_contiguous(TensorView& view) {
  int64_t stride = 1;
  for (int i = view.rank - 1; i >= 0; --i) {
    view.strides[i] = stride;
    stride = times(stride, std::max<int64_t>(view.sizes[i], 1));
  }
}

int64_t tweaked(int64_t value, Random& random) {
  switch (random() % 6) {
    case 0:
      return pick(kEdges, random);
    case 1:
      return plus(value, 1);
    case 2:
      return plus(value, -1);
    case 3:
      return times(value, 2);
    case 4:
      return times(value, -1);
    default:
      return pick(kSizes, random);
  }
}

void mutate_number(std::pair<void*, size_t> number, Random& random) {
  int64_t value = 0;
  std::memcpy(&value, number.first, std::min(number.second, sizeof value));
  value = number.second == 1 ? static_cast<int64_t>(random() % 12) : tweaked(value, random);
  std::memcpy(number.first, &value, std::min(number.second, sizeof value));
}

void mutate_stride(TensorView& view, Random& random) {
  if (view.rank == 0) return;
  int axis = static_cast<int>(random() % view.rank), other = static_cast<int>(random() % view.rank);
  switch (random() % 4) {
    case 0:
      view.strides[axis] = 0;
      return;
    case 1:  // backwards
      view.offset =
          plus(view.offset, times(times(plus(view.sizes[axis], -1), view.strides[axis]), size_of(view.dtype)));
      view.strides[axis] = times(view.strides[axis], -1);
      return;
    case 2:
      return std::swap(view.strides[axis], view.strides[other]);
    default:
      view.strides[axis] = tweaked(view.strides[axis], random);
  }
}

// A size wherever it occurs.
void mutate_size(Fields& fields, Random& random) {
  TensorView& chosen = *fields.views[random() % fields.views.size()];
  if (chosen.rank == 0) return;
  int64_t from = chosen.sizes[random() % chosen.rank], to = random() % 8 ? pick(kSizes, random) : pick(kEdges, random);
  for (TensorView* view : fields.views) {
    bool changed = false;
    for (int i = 0; i < view->rank; ++i)
      if (view->sizes[i] == from) view->sizes[i] = to, changed = true;
    if (changed && random() % 8) make_contiguous(*view);
  }
}

void mutate_dtype(Fields& fields, Random& random) {
  DType from = fields.views[random() % fields.views.size()]->dtype, to = static_cast<DType>(random() % 10);
  for (TensorView* view : fields.views)
    if (view->dtype == from) view->dtype = to;
}

void mutate_program(ProgramRef& ref, Random& random) {
  if (!ref || ref->code.empty()) return;
  Program program = *ref;
  Instruction& code = program.code[random() % program.code.size()];
  auto value = static_cast<uint16_t>(random() % program.code.size());
  switch (random() % 5) {
    case 0:
      code.opcode = static_cast<Opcode>(random() % kOpcodeCount);
      break;
    case 1:
      code.type = static_cast<DType>(random() % 10);
      break;
    case 2:
      code.a = value;
      break;
    case 3:
      code.b = value;
      break;
    default:
      code.imm = static_cast<uint16_t>(random() % 10);
  }
  try {
    ref = intern(program);
  } catch (const Error&) {  // not a program: the old one stays
  }
}

void mutate_operation(Command& command, Random& random) {
  Fields fields = fields_of(command);
  TensorView* view = fields.views.empty() ? nullptr : fields.views[random() % fields.views.size()];
  switch (random() % 11) {
    case 10:
      if (!fields.bools.empty()) *fields.bools[random() % fields.bools.size()] ^= true;
      return;
    case 0:
    case 1:
      if (!fields.numbers.empty()) mutate_number(fields.numbers[random() % fields.numbers.size()], random);
      return;
    case 2:
      if (!fields.doubles.empty())
        *fields.doubles[random() % fields.doubles.size()] =
            std::array{0.0, 0.5, 1.0, 2.0, -1.0, 1e-9, 1e9, 1e300, 3.7}[random() % 9];
      return;
    case 3:
      if (!fields.programs.empty()) mutate_program(*fields.programs[random() % fields.programs.size()], random);
      return;
    case 4:
      if (view) mutate_dtype(fields, random);
      return;
    case 5:
      if (view) view->buffer = BufferId::make(static_cast<uint32_t>(random() % 12), 1);
      return;
    case 6:
      if (view) view->offset = tweaked(view->offset, random);
      return;
    case 7:
      if (!fields.inputs.empty()) mutate_stride(*fields.inputs[random() % fields.inputs.size()], random);
      return;
    default:
      if (view) mutate_size(fields, random);
  }
}

// A value of a run, a parameter, or what the graph holds, of which only what is encoded matters.
void mutate_graph(const Replay& replay, Random& random) {
  auto& parameters = const_cast<std::vector<GraphParameter>&>(replay.graph->parameters());
  switch (random() % 4) {
    case 0:
      if (!replay.values.empty())
        mutate_number({const_cast<uint64_t*>(&replay.values[random() % replay.values.size()]), 8}, random);
      return;
    case 1:
      if (!parameters.empty()) {
        GraphParameter& parameter = parameters[random() % parameters.size()];
        mutate_number({random() % 2 ? &parameter.first : &parameter.count, 8}, random);
      }
      return;
    default:
      mutate(const_cast<CommandList&>(replay.graph->list()), random);
  }
}

}  // namespace

void mutate(CommandList& list, Random& random) {
  if (list.commands.empty()) return;
  size_t at = random() % list.commands.size();
  Command& command = list.commands[at];
  switch (random() % 12) {
    case 0:
      list.commands.erase(list.commands.begin() + static_cast<ptrdiff_t>(at));
      return;
    case 1: {
      Command copy = command;
      list.commands.insert(list.commands.begin() + static_cast<ptrdiff_t>(random() % list.commands.size()), copy);
      return;
    }
    case 2:
      return std::swap(command, list.commands[random() % list.commands.size()]);
    default:
      break;
  }
  // Mostly the operations: one of them after the chosen command, if there is one.
  for (size_t i = 0; i < list.commands.size(); ++i) {
    Command& each = list.commands[(at + i) % list.commands.size()];
    if (each.kind == CommandKind::kOperation) return mutate_operation(each, random);
    if (each.kind == CommandKind::kReplay) return mutate_graph(*static_cast<const Replay*>(each.op), random);
  }
  if (command.kind == CommandKind::kCreate) command.size = tweaked(command.size, random);
}

}  // namespace lineshaft::fuzz
