#include "commands/validate.h"

#include <algorithm>

#include "commands/range.h"
#include "lineshaft/commands/graph.h"

namespace lineshaft {
namespace {

template <class Op>
void validate_operation(const Op& op, const BufferTable& buffers) {
  validate(op);
  for_each_touch(op, [&](const TensorView& view, const Touch& touch) {
    require_inside(view, touch, buffers.size_of(view.buffer));
  });
}

void validate_upload(const Command& command, const BufferTable& buffers) {
  int64_t size = buffers.size_of(command.buffer);
  LS_REQUIRE(lies_within(command.offset, command.size, size), "an upload of ", command.size, " bytes at ",
             command.offset, " passes its buffer of ", size, " bytes");
}

void validate_command(const Command& command, BufferTable& buffers);

// A buffer's size never changes while it lives, so what held once holds as long as all of them live.
void validate_graph(const Graph& graph, BufferTable& buffers) {
  for (BufferId buffer : graph.buffers()) buffers.size_of(buffer);
  if (graph.validated) return;
  for (const Command& command : graph.list().commands) validate_command(command, buffers);
  graph.validated = true;
}

void validate_command(const Command& command, BufferTable& buffers) {
  switch (command.kind) {
    case CommandKind::kOperation:
      return visit_operation(command.op_kind, command.op, [&](const auto& op) { validate_operation(op, buffers); });
    case CommandKind::kCreate:
      return buffers.create(command.buffer, command.size);
    case CommandKind::kRelease:
      return buffers.release(command.buffer);
    case CommandKind::kUpload:
      return validate_upload(command, buffers);
    case CommandKind::kReplay:
      return validate_graph(*static_cast<const Replay*>(command.op)->graph, buffers);
    case CommandKind::kForget:
    case CommandKind::kEvent:
      return;
  }
  fail(ErrorCode::kProtocol, "command kind ", static_cast<int>(command.kind), " is unknown");
}

}  // namespace

void BufferTable::create(BufferId buffer, int64_t size) {
  uint32_t slot = buffer.slot();
  if (slot == 0 || slot >= limits_.slots)
    fail(ErrorCode::kProtocol, "buffer slot ", slot, " is outside 1 to ", limits_.slots - 1);
  if (slot >= slots_.size()) slots_.resize(slot + 1);
  Slot& entry = slots_[slot];
  if (entry.size >= 0) fail(ErrorCode::kProtocol, "buffer slot ", slot, " is live; it cannot be created again");
  if (buffer.generation() <= entry.generation)
    fail(ErrorCode::kProtocol, "generation ", buffer.generation(), " of buffer slot ", slot, " is used; the last was ",
         entry.generation);
  if (buffer.generation() == kDeviceGeneration)
    fail(ErrorCode::kProtocol, "generation ", buffer.generation(), " of buffer slot ", slot, " is kept for devices");
  if (size < 0) fail(ErrorCode::kProtocol, "a buffer of ", size, " bytes is asked for");
  if (size > limits_.bytes - bytes_ + std::min(limits_.within, INT64_MAX - limits_.bytes))
    fail(ErrorCode::kOutOfMemory, size, " bytes are asked for; ", bytes_, " of ", limits_.bytes, " are held by ",
         count_, " live buffers");
  entry = {buffer.generation(), size};
  bytes_ += size;
  ++count_;
}

void BufferTable::require_quota() const {
  if (bytes_ > limits_.bytes)
    fail(ErrorCode::kOutOfMemory, bytes_, " bytes are held by ", count_, " live buffers; the limit is ", limits_.bytes);
}

int64_t BufferTable::size_of(BufferId buffer) const {
  uint32_t slot = buffer.slot();
  if (slot >= slots_.size() || slots_[slot].size < 0 || slots_[slot].generation != buffer.generation())
    fail(ErrorCode::kProtocol, "buffer ", slot, " of generation ", buffer.generation(), " is not live");
  return slots_[slot].size;
}

void BufferTable::release(BufferId buffer) {
  bytes_ -= size_of(buffer);
  --count_;
  slots_[buffer.slot()].size = -1;
}

void validate(const CommandList& list, BufferTable& buffers) {
  for (const Command& command : list.commands) {
    try {
      validate_command(command, buffers);
    } catch (const Error& error) {
      fail(error.code(), "command ", command.id,
           command.kind == CommandKind::kOperation ? concat(" (", name_of(command.op_kind), ")") : std::string(), ": ",
           error.what());
    }
  }
  buffers.require_quota();
}

}  // namespace lineshaft
