// Commands as text: one line each, from the same fields() that the codec walks.
#include <set>

#include "lineshaft/commands/command_list.h"
#include "lineshaft/commands/graph.h"

namespace lineshaft {
namespace {

// Scalars are read as the program before them says.
struct Printer {
  std::string& text;
  ProgramRef program = nullptr;

  void value(const TensorView& view) { text += to_string(view); }
  void value(ProgramRef ref) {
    program = ref;
    text += ref ? concat("#", to_hex(ref->hash).substr(0, 8)) : "none";
  }
  void value(const List<Scalar>& scalars) {
    text += "(";
    for (size_t i = 0; i < scalars.size(); ++i) {
      size_t count = program ? program->args.size() : 0;
      bool number = count > 0 && is_float(program->args[i % count]);
      text += concat(i ? ", " : "", number ? concat(scalars[i].as_double()) : concat(scalars[i].as_int()));
    }
    text += ")";
  }
  template <class T>
  void value(const List<T>& list) {
    items(list);
  }
  template <class T, size_t N>
  void value(const std::array<T, N>& list) {
    items(list);
  }
  template <class T>
  void value(const T& field) {
    if constexpr (std::is_enum_v<T>)
      text += name_of(field);
    else if constexpr (std::is_same_v<T, bool>)
      text += field ? "true" : "false";
    else
      text += concat(+field);
  }
  template <class T>
  void items(const T& list) {
    text += "(";
    bool first = true;
    for (const auto& each : list) {
      if (!first) text += ", ";
      first = false;
      value(each);
    }
    text += ")";
  }

  template <class T>
  void field(const char* name, const T& field) {
    text += concat(" ", name, "=");
    value(field);
  }
  void field(const char* name, const TensorView& view) {
    if (view) text += concat(" ", name, "=", to_string(view));
  }
  template <class T>
  void input(const char* name, T& f) {
    field(name, f);
  }
  template <class T>
  void output(const char* name, T& f) {
    field(concat("->", name).c_str(), f);
  }
  template <class T>
  void inout(const char* name, T& f) {
    field(concat("<->", name).c_str(), f);
  }
  template <class T>
  void param(const char* name, T& f) {
    field(name, f);
  }
};

// Calls f with each program of an operation.
template <class F>
struct ProgramVisitor : NoVisit {
  F& f;
  explicit ProgramVisitor(F& f) : f(f) {}
  using NoVisit::param;
  void param(const char*, const ProgramRef& program) {
    if (program) f(program);
  }
};

}  // namespace

std::string to_string(const Command& command) {
  std::string text = concat(command.id, " ");
  switch (command.kind) {
    case CommandKind::kOperation:
      text += name_of(command.op_kind);
      if (command.label) text += concat(" '", command.label, "'");
      visit_operation(command.op_kind, command.op, [&](const auto& op) { op.fields(op, Printer{text}); });
      break;
    case CommandKind::kCreate:
      text += concat("create @", command.buffer.slot(), " of ", command.size, " bytes");
      break;
    case CommandKind::kRelease:
      text += concat("release @", command.buffer.slot());
      break;
    case CommandKind::kUpload:
      text += concat("upload @", command.buffer.slot(), "+", command.offset, " of ", command.size, " bytes");
      break;
    case CommandKind::kEvent:
      text += "event";
      break;
    case CommandKind::kReplay:
      text += concat("replay graph ", static_cast<const Replay*>(command.op)->graph->number());
      for (uint64_t value : static_cast<const Replay*>(command.op)->values) text += concat(" ", value);
      break;
    case CommandKind::kForget:
      text += concat("forget graph ", static_cast<const Replay*>(command.op)->graph->number());
      break;
  }
  return text;
}

std::string to_string(const CommandList& list) {
  std::string text;
  std::set<ProgramRef> shown;
  std::set<const Graph*> graphs;
  auto show = [&](ProgramRef program) {
    if (shown.insert(program).second)
      text += concat("program #", to_hex(program->hash).substr(0, 8), "\n", to_string(*program));
  };
  auto show_graph = [&](const Graph& graph) {
    if (graphs.insert(&graph).second)
      text += concat("graph ", graph.number(), " is\n", to_string(graph.list()), "end of graph ", graph.number(), "\n");
  };
  for (const Command& command : list.commands) {
    if (command.kind == CommandKind::kReplay) show_graph(*static_cast<const Replay*>(command.op)->graph);
    if (command.kind == CommandKind::kOperation)
      visit_operation(command.op_kind, command.op,
                      [&](const auto& op) { op.fields(op, ProgramVisitor<decltype(show)>(show)); });
    text += to_string(command) + "\n";
  }
  return text;
}

}  // namespace lineshaft
