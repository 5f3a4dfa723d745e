// Command lists: operations in program order, together with the creations and releases of buffers, uploads and events.
// A command list is the only interface to a backend; it is also what is recorded, fused, traced, replayed and sent to a
// server.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/commands/arena.h"
#include "lineshaft/ops/catalogue.h"

namespace lineshaft {

enum class CommandKind : uint8_t {
  kOperation,  // `op` points to the aggregate of kind `op_kind`
  kCreate,     // creates `buffer` of `size` bytes; its contents are unspecified
  kRelease,    // releases `buffer`; no later command names it
  kUpload,     // `size` bytes at `data` are copied to `buffer` from byte `offset` on
  kEvent,      // marks `event` as reached
  // The codec uses 5 for a kind of its own (commands/codec.cc).
  kReplay = 6,  // runs the graph of the Replay that `op` points to (commands/graph.h). Only an executor with
                // keeps_graphs() gets it: see expand_graphs
  kForget = 7,  // ends the graph of the Replay that `op` points to
};

// A point in a stream. The executor stores the time when everything before the point is done.
struct EventState {
  std::atomic<int64_t> nanoseconds{0};  // by the device's clock; 0 until the point is reached
};

struct Command {
  CommandKind kind = CommandKind::kOperation;
  OpKind op_kind = OpKind::kMap;
  const char* label = nullptr;  // the framework's operator, for errors and profiles; a string that is never freed
  uint64_t id = 0;              // correlation id: the number of the command in its stream
  const void* op = nullptr;
  BufferId buffer;
  int64_t size = 0;
  int64_t offset = 0;
  const std::byte* data = nullptr;
  EventState* event = nullptr;
};

// A visitor that copies an operation's lists into an arena.
struct ArenaCopy {
  Arena& arena;
  template <class T>
  void relocate(List<T>& list) {
    list.data = arena.copy(list.data, list.count);
  }
  template <class T>
  void relocate(T&) {}
  template <class T>
  void input(const char*, T& field) {
    relocate(field);
  }
  template <class T>
  void output(const char*, T& field) {
    relocate(field);
  }
  template <class T>
  void inout(const char*, T& field) {
    relocate(field);
  }
  template <class T>
  void param(const char*, T& field) {
    relocate(field);
  }
};

class CommandList {
 public:
  // Copies `op` and its lists into the arena. Returns the copy.
  template <class Op>
  const Op& add(const Op& op, const char* label, uint64_t id) {
    Op* copy = place(op);
    commands.push_back(
        {.kind = CommandKind::kOperation, .op_kind = OpTraits<Op>::kind, .label = label, .id = id, .op = copy});
    return *copy;
  }

  // Copies `op` and its lists into the arena without making it a command.
  template <class Op>
  Op* place(const Op& op) {
    static_assert(std::is_trivially_copyable_v<Op>);
    Op* copy = arena.copy(&op, 1);
    Op::fields(*copy, ArenaCopy{arena});
    return copy;
  }

  void clear() {
    commands.clear();
    owned.clear();
    owned_bytes = 0;
    arena.clear();
  }
  // Bytes of host memory that the list owns.
  size_t bytes() const { return commands.size() * sizeof(Command) + arena.bytes() + owned_bytes; }

  std::vector<Command> commands;
  Arena arena;
  // Data of large uploads, events and graphs, kept alive until the list has run.
  std::vector<std::shared_ptr<void>> owned;
  size_t owned_bytes = 0;  // bytes of `owned`, counted where a decoder made them
};

// Calls f(view, is_read, is_written) for each present view of an operation.
template <class F>
struct ViewVisitor {
  F& f;
  void each(const TensorView& view, bool read, bool written) {
    if (view) f(view, read, written);
  }
  void each(const List<TensorView>& views, bool read, bool written) {
    for (const TensorView& view : views) each(view, read, written);
  }
  template <class T>
  void input(const char*, T& field) {
    each(field, true, false);
  }
  template <class T>
  void output(const char*, T& field) {
    each(field, false, true);
  }
  template <class T>
  void inout(const char*, T& field) {
    each(field, true, true);
  }
  template <class T>
  void param(const char*, T&) {}
};

template <class Op, class F>
void for_each_view(const Op& op, F&& f) {
  Op::fields(op, ViewVisitor<F>{f});
}

template <class F>
void for_each_view(const Command& command, F&& f) {
  visit_operation(command.op_kind, command.op, [&](const auto& op) { for_each_view(op, f); });
}

// How an operation accesses one of its views.
struct Touch {
  bool read = false, written = false;
  Reach reach;                        // set for a view from which indices lead to other elements
  const TensorView* count = nullptr;  // set for a counted output: the i64 that says how many elements are specified

  bool anywhere() const { return reach.bounds != nullptr; }
  // A view of every element that the operation may access.
  TensorView whole(const TensorView& view) const {
    return anywhere() ? reachable(view, *reach.index_strides, *reach.bounds) : view;
  }
};

// Calls f(view, touch) for each present view of an operation.
template <class F>
struct TouchVisitor {
  F& f;
  void each(const TensorView& view, const Touch& touch) {
    if (view) f(view, touch);
  }
  void each(const List<TensorView>& views, const Touch& touch) {
    for (const TensorView& view : views) each(view, touch);
  }
  template <class T>
  void input(const char*, T& field) {
    each(field, {.read = true});
  }
  template <class T>
  void output(const char*, T& field) {
    each(field, {.written = true});
  }
  template <class T>
  void inout(const char*, T& field) {
    each(field, {.read = true, .written = true});
  }
  void reached(const char*, const TensorView& view, const Reach& reach, bool read, bool written) {
    each(view, {.read = read, .written = written, .reach = reach});
  }
  void counted(const char*, const TensorView& view, const TensorView& count) {
    each(view, {.written = true, .count = &count});
  }
  template <class T>
  void param(const char*, T&) {}
};

template <class Op, class F>
void for_each_touch(const Op& op, F&& f) {
  Op::fields(op, TouchVisitor<F>{f});
}

template <class F>
void for_each_touch(const Command& command, F&& f) {
  visit_operation(command.op_kind, command.op, [&](const auto& op) { for_each_touch(op, f); });
}

// A readable listing, one command a line.
LINESHAFT_EXPORT std::string to_string(const CommandList& list);
LINESHAFT_EXPORT std::string to_string(const Command& command);

}  // namespace lineshaft
