#include "commands/codec.h"

#include <mutex>
#include <unordered_set>

#include "commands/range.h"

namespace lineshaft {
namespace {

constexpr uint8_t kWindowUpload = 5;  // the kind byte of an upload whose data lies in the window

template <class T>
constexpr bool is_array_v = false;
template <class T, size_t N>
constexpr bool is_array_v<std::array<T, N>> = true;

// The fewest bytes that a list's element takes.
template <class T>
constexpr size_t kLeastBytes = sizeof(T);
template <>
constexpr size_t kLeastBytes<TensorView> = 8;

void write_view(const TensorView& view, ByteWriter& out) {
  out.number(view.buffer.value);
  if (!view) return;
  out.number(view.offset);
  out.number(static_cast<uint8_t>(view.dtype));
  out.number(view.rank);
  out.raw(view.sizes.data(), view.rank * sizeof(int64_t));
  out.raw(view.strides.data(), view.rank * sizeof(int64_t));
}

TensorView read_view(ByteReader& in) {
  TensorView view;
  view.buffer.value = in.number<uint64_t>();
  if (!view) return view;
  view.offset = in.number<int64_t>();
  view.dtype = static_cast<DType>(in.number<uint8_t>());
  if (!is_valid(view.dtype)) fail(ErrorCode::kProtocol, "dtype ", static_cast<int>(view.dtype), " is unknown");
  view.rank = in.number<uint8_t>();
  if (view.rank > kMaxRank) fail(ErrorCode::kProtocol, "a view has rank ", int{view.rank}, "; the limit is ", kMaxRank);
  size_t bytes = view.rank * sizeof(int64_t);
  std::memcpy(view.sizes.data(), in.raw(bytes), bytes);
  std::memcpy(view.strides.data(), in.raw(bytes), bytes);
  return view;
}

// Writes fields; `Programs` writes a program.
template <class Programs>
struct FieldWriter {
  ByteWriter& out;
  Programs& programs;

  template <class T>
  void write(const T& field) {
    if constexpr (std::is_same_v<T, TensorView>)
      write_view(field, out);
    else if constexpr (std::is_same_v<T, ProgramRef>)
      programs(field);
    else if constexpr (std::is_same_v<T, Scalar>)
      out.number(field.bits);
    else if constexpr (std::is_enum_v<T>)
      out.number(static_cast<std::underlying_type_t<T>>(field));
    else if constexpr (is_array_v<T>)
      for (const auto& each : field) write(each);
    else
      out.number(field);
  }
  template <class T>
  void write(const List<T>& list) {
    out.number(list.count);
    for (const T& each : list) write(each);
  }
  template <class T>
  void input(const char*, T& field) {
    write(field);
  }
  template <class T>
  void output(const char*, T& field) {
    write(field);
  }
  template <class T>
  void inout(const char*, T& field) {
    write(field);
  }
  template <class T>
  void param(const char*, T& field) {
    write(field);
  }
};

struct FieldReader {
  ByteReader& in;
  CommandList& list_;
  Decoder& decoder;

  template <class T>
  void read(T& field) {
    if constexpr (std::is_same_v<T, TensorView>) {
      field = read_view(in);
    } else if constexpr (std::is_same_v<T, ProgramRef>) {
      field = decoder.program(in);
    } else if constexpr (std::is_same_v<T, Scalar>) {
      field.bits = in.number<uint64_t>();
    } else if constexpr (std::is_enum_v<T>) {
      field = static_cast<T>(in.number<std::underlying_type_t<T>>());
      if (!is_valid(field)) fail(ErrorCode::kProtocol, "a parameter names the unknown value ", static_cast<int>(field));
    } else if constexpr (is_array_v<T>) {
      for (auto& each : field) read(each);
    } else {
      field = in.number<T>();
    }
  }
  template <class T>
  void read(List<T>& list) {
    list.count = in.count(kLeastBytes<T>);
    if (list.count == 0) return;
    decoder.require_room(list_, list.count * sizeof(T));
    T* items = static_cast<T*>(list_.arena.allocate(list.count * sizeof(T)));
    for (uint32_t i = 0; i < list.count; ++i) read(*new (items + i) T{});
    list.data = items;
  }
  template <class T>
  void input(const char*, T& field) {
    read(field);
  }
  template <class T>
  void output(const char*, T& field) {
    read(field);
  }
  template <class T>
  void inout(const char*, T& field) {
    read(field);
  }
  template <class T>
  void param(const char*, T& field) {
    read(field);
  }
};

bool lies_in(std::span<const std::byte> window, const std::byte* data) {
  return !window.empty() && data >= window.data() && data < window.data() + window.size();
}

template <class T>
void write_items(const std::vector<T>& items, ByteWriter& out) {
  static_assert(std::has_unique_object_representations_v<T>);
  out.number(static_cast<uint32_t>(items.size()));
  out.raw(items.data(), items.size() * sizeof(T));
}

template <class T>
std::vector<T> read_items(ByteReader& in) {
  uint32_t count = in.count(sizeof(T));
  std::vector<T> items(count);
  if (count) std::memcpy(static_cast<void*>(items.data()), in.raw(count * sizeof(T)), count * sizeof(T));
  return items;
}

constexpr size_t kMaxParameters = 256;  // of a graph

// Labels live as long as the process.
const char* intern_label(std::string_view text) {
  static std::mutex mutex;
  static auto* table = new std::unordered_set<std::string>;
  std::lock_guard lock(mutex);
  return table->emplace(text).first->c_str();
}

template <class Op>
const void* read_operation(ByteReader& in, CommandList& list, Decoder& decoder) {
  Op op;
  Op::fields(op, FieldReader{in, list, decoder});
  return list.arena.copy(&op, 1);
}

}  // namespace

void Encoder::program(ProgramRef program, ByteWriter& out) {
  if (!program) return out.number(uint32_t{0});
  auto [found, fresh] = programs_.try_emplace(program, static_cast<uint32_t>(programs_.size() + 1));
  out.number(found->second);
  if (!fresh) return;
  write_items(program->inputs, out);
  write_items(program->outputs, out);
  write_items(program->args, out);
  write_items(program->code, out);
  write_items(program->constants, out);
  write_items(program->results, out);
}

ProgramRef Decoder::program(ByteReader& in) {
  auto number = in.number<uint32_t>();
  if (number == 0) return nullptr;
  if (number <= programs_.size()) return programs_[number - 1];
  if (number != programs_.size() + 1)
    fail(ErrorCode::kProtocol, "program ", number, " is named; ", programs_.size(), " are known");
  if (number > limits_.programs) fail(ErrorCode::kProtocol, "more than ", limits_.programs, " programs in a session");
  size_t before = in.left();
  Program program;
  program.inputs = read_items<DType>(in);
  program.outputs = read_items<DType>(in);
  program.args = read_items<DType>(in);
  program.code = read_items<Instruction>(in);
  program.constants = read_items<Scalar>(in);
  program.results = read_items<uint16_t>(in);
  program_bytes_ += before - in.left();
  if (program_bytes_ > limits_.program_bytes)
    fail(ErrorCode::kProtocol, "the programs of a session take ", program_bytes_, " bytes; the limit is ",
         limits_.program_bytes);
  try {
    programs_.push_back(intern(program));
  } catch (const Error& error) {
    fail(ErrorCode::kProtocol, "program ", number, ": ", error.what());
  }
  return programs_.back();
}

void Encoder::label(const char* label, ByteWriter& out) {
  if (!label) return out.number(uint32_t{0});
  auto [found, fresh] = labels_.try_emplace(label, static_cast<uint32_t>(labels_.size() + 1));
  out.number(found->second);
  if (fresh) out.text(found->first);
}

const char* Decoder::label(ByteReader& in) {
  auto number = in.number<uint32_t>();
  if (number == 0) return nullptr;
  if (number <= labels_.size()) return labels_[number - 1];
  if (number != labels_.size() + 1)
    fail(ErrorCode::kProtocol, "label ", number, " is named; ", labels_.size(), " are known");
  if (number > limits_.labels) fail(ErrorCode::kProtocol, "more than ", limits_.labels, " labels in a session");
  std::string_view text = in.text(limits_.label_size);
  if (text.find('\0') != std::string_view::npos)  // labels are C strings: it would come back as another one
    fail(ErrorCode::kProtocol, "label ", number, " holds a zero byte");
  labels_.push_back(intern_label(text));
  return labels_.back();
}

void Encoder::upload(const Command& command, ByteWriter& out) {
  out.number(command.buffer.value);
  out.number(command.offset);
  out.number(command.size);
  if (lies_in(window_, command.data))
    out.number(static_cast<uint64_t>(command.data - window_.data()));
  else
    out.raw(command.data, static_cast<size_t>(command.size));
}

void Encoder::command(const Command& command, ByteWriter& out) {
  bool in_window = command.kind == CommandKind::kUpload && lies_in(window_, command.data);
  out.number(in_window ? kWindowUpload : static_cast<uint8_t>(command.kind));
  out.number(command.id);
  label(command.label, out);
  switch (command.kind) {
    case CommandKind::kOperation: {
      out.number(static_cast<uint16_t>(command.op_kind));
      auto programs = [&](ProgramRef ref) { program(ref, out); };
      return visit_operation(command.op_kind, command.op, [&](const auto& op) {
        op.fields(op, FieldWriter<decltype(programs)>{out, programs});
      });
    }
    case CommandKind::kCreate:
    case CommandKind::kRelease:
      out.number(command.buffer.value);
      return out.number(command.size);
    case CommandKind::kUpload:
      return upload(command, out);
    case CommandKind::kEvent:
      return;
    case CommandKind::kReplay:
      return replay(*static_cast<const Replay*>(command.op), out);
    case CommandKind::kForget:
      return forget(*static_cast<const Replay*>(command.op)->graph, out);
  }
}

void Encoder::replay(const Replay& replay, ByteWriter& out) {
  auto [found, fresh] = graphs_.try_emplace(replay.graph->number(), defined_graphs_ + 1);
  out.number(found->second);
  if (fresh) {
    ++defined_graphs_;
    out.number(static_cast<uint32_t>(replay.graph->parameters().size()));
    for (const GraphParameter& parameter : replay.graph->parameters()) {
      out.number(parameter.first);
      out.number(parameter.count);
    }
    encode(replay.graph->list(), out);
  }
  for (uint64_t value : replay.values) out.number(value);
}

void Encoder::forget(const Graph& graph, ByteWriter& out) {
  auto found = graphs_.find(graph.number());
  out.number(found == graphs_.end() ? uint32_t{0} : found->second);
  if (found != graphs_.end()) graphs_.erase(found);
}

void Encoder::encode(const CommandList& list, ByteWriter& out) {
  out.number(static_cast<uint32_t>(list.commands.size()));
  for (const Command& each : list.commands) command(each, out);
}

void Decoder::upload(ByteReader& in, bool in_window, CommandList& list, Command& command) {
  command.buffer.value = in.number<uint64_t>();
  command.offset = in.number<int64_t>();
  command.size = in.number<int64_t>();
  if (in_window) {
    auto at = in.number<uint64_t>();
    if (!lies_within(static_cast<int64_t>(at), command.size, static_cast<int64_t>(window_.size())))
      fail(ErrorCode::kProtocol, "an upload of ", command.size, " bytes at ", at, " passes the window of ",
           window_.size());
    command.data = window_.data() + at;
    return;
  }
  const std::byte* data = in.raw(static_cast<uint64_t>(command.size));
  if (command.size > kInlineUpload) {
    auto staging = std::make_shared_for_overwrite<std::byte[]>(command.size);
    std::memcpy(staging.get(), data, command.size);
    command.data = staging.get();
    list.owned.push_back(std::move(staging));
    list.owned_bytes += static_cast<size_t>(command.size);
  } else {
    command.data = list.arena.copy(data, command.size);
  }
}

GraphRef Decoder::define_graph(ByteReader& in) {
  if (graphs_.size() >= limits_.graphs)
    fail(ErrorCode::kProtocol, "more than ", limits_.graphs, " graphs are kept in a session");
  std::vector<GraphParameter> parameters(in.count(2 * sizeof(uint64_t)));
  for (GraphParameter& parameter : parameters) {
    parameter.first = in.number<uint64_t>();
    parameter.count = in.number<uint64_t>();
  }
  if (parameters.size() > kMaxParameters)
    fail(ErrorCode::kProtocol, "a graph has ", parameters.size(), " parameters; the limit is ", kMaxParameters);
  auto list = std::make_unique<CommandList>();
  commands(in, *list, true);
  auto graph = std::make_shared<const Graph>(std::move(list), std::move(parameters));
  if (graph->bytes() > limits_.graph_bytes - graph_bytes_)
    fail(ErrorCode::kProtocol, "the graphs of a session take ", graph_bytes_ + graph->bytes(), " bytes; the limit is ",
         limits_.graph_bytes);
  graph_bytes_ += graph->bytes();
  graphs_.emplace(++defined_graphs_, graph);
  return graph;
}

void Decoder::replay(ByteReader& in, CommandList& list, uint64_t id) {
  auto number = in.number<uint32_t>();
  GraphRef graph;
  if (number == defined_graphs_ + 1) {
    graph = define_graph(in);
  } else if (auto found = graphs_.find(number); found != graphs_.end()) {
    graph = found->second;
  } else {
    fail(ErrorCode::kProtocol, "graph ", number, " is named; ", graphs_.size(), " of ", defined_graphs_, " are kept");
  }
  std::vector<uint64_t> values(graph->parameters().size());
  for (uint64_t& value : values) value = in.number<uint64_t>();
  require_room(list, graph->bytes());
  list.owned_bytes += graph->bytes();
  add_replay(list, graph, values, id);
}

void Decoder::forget(ByteReader& in, CommandList& list, uint64_t id) {
  auto number = in.number<uint32_t>();
  if (number == 0) return;  // one that never ran here
  auto found = graphs_.find(number);
  if (found == graphs_.end())
    fail(ErrorCode::kProtocol, "graph ", number, " is to be forgotten; ", graphs_.size(), " of ", defined_graphs_,
         " are kept");
  graph_bytes_ -= found->second->bytes();
  add_forget(list, found->second, id);
  graphs_.erase(found);
}

void Decoder::command(ByteReader& in, CommandList& list, bool in_graph) {
  Command command;
  auto kind = in.number<uint8_t>();
  bool in_window = kind == kWindowUpload && !window_.empty() && !in_graph;
  bool known = in_graph ? kind == static_cast<uint8_t>(CommandKind::kOperation) ||
                              kind == static_cast<uint8_t>(CommandKind::kUpload)
                        : kind <= static_cast<uint8_t>(CommandKind::kForget) && (kind != kWindowUpload || in_window);
  if (!known) fail(ErrorCode::kProtocol, "command ", int{kind}, " is unknown", in_graph ? " in a graph" : "");
  command.kind = in_window ? CommandKind::kUpload : static_cast<CommandKind>(kind);
  command.id = in.number<uint64_t>();
  command.label = label(in);
  switch (command.kind) {
    case CommandKind::kOperation: {
      auto op_kind = in.number<uint16_t>();
      if (op_kind >= kOpKindCount)
        fail(ErrorCode::kProtocol, "operation ", op_kind, " is unknown; there are ", kOpKindCount);
      command.op_kind = static_cast<OpKind>(op_kind);
      switch (command.op_kind) {
#define LINESHAFT_OPERATION(Type, name)                 \
  case OpKind::k##Type:                                 \
    command.op = read_operation<Type>(in, list, *this); \
    break;
#include "lineshaft/ops/catalogue.def"
      }
      break;
    }
    case CommandKind::kCreate:
    case CommandKind::kRelease:
      command.buffer.value = in.number<uint64_t>();
      command.size = in.number<int64_t>();
      break;
    case CommandKind::kUpload:
      upload(in, in_window, list, command);
      break;
    case CommandKind::kEvent: {
      auto event = std::make_shared<EventState>();
      command.event = event.get();
      list.owned.push_back(std::move(event));
      list.owned_bytes += 2 * sizeof(EventState) + sizeof(list.owned[0]);
      break;
    }
    case CommandKind::kReplay:
      return replay(in, list, command.id);
    case CommandKind::kForget:
      return forget(in, list, command.id);
  }
  list.commands.push_back(command);
}

void Decoder::require_room(const CommandList& list, size_t more) const {
  if (list.bytes() + more > limits_.list_bytes)
    fail(ErrorCode::kProtocol, "a list takes ", list.bytes() + more, " bytes once decoded; the limit is ",
         limits_.list_bytes);
}

void Decoder::decode(ByteReader& in, CommandList& list) {
  list.clear();
  commands(in, list, false);
}

void Decoder::commands(ByteReader& in, CommandList& list, bool in_graph) {
  constexpr size_t kLeastCommand = 13;  // kind, id, label
  uint32_t count = in.count(kLeastCommand);
  for (uint32_t i = 0; i < count; ++i) {
    command(in, list, in_graph);
    require_room(list, 0);
  }
}

Bytes content_of(const Command& command) {
  ByteWriter out;
  out.number(static_cast<uint16_t>(command.op_kind));
  auto programs = [&](ProgramRef program) {
    Hash128 hash = program ? program->hash : Hash128{};
    out.number(hash.low);
    out.number(hash.high);
  };
  visit_operation(command.op_kind, command.op, [&](const auto& op) {
    op.fields(op, FieldWriter<decltype(programs)>{out, programs});
  });
  return std::move(out.bytes);
}

Hash128 content_hash(const Command& command) {
  Bytes bytes = content_of(command);
  return hash_bytes(bytes.data(), bytes.size());
}

bool same_operation(const Command& a, const Command& b) {
  return content_of(a) == content_of(b);
}

}  // namespace lineshaft
