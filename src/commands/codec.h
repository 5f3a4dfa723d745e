// Command lists as bytes, for traces and for servers. One visitor over each operation's fields() writes and one reads,
// so adding an operation edits nothing here. Programs and graphs travel by content and labels as text, each once a
// session: encoder and decoder number them alike.
//
// What decode() gives is well formed as data (enumerations in range, counts backed by bytes, programs valid) but not
// yet safe to run: commands/validate.h checks it against the session's buffers.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "commands/bytes.h"
#include "lineshaft/commands/command_list.h"
#include "lineshaft/commands/graph.h"

namespace lineshaft {

class Encoder {
 public:
  // Appends the list to `out`. Uploads carry their data. Events carry their order only: the decoder makes new ones.
  void encode(const CommandList& list, ByteWriter& out);

  void program(ProgramRef program, ByteWriter& out);

  // Shared memory: uploads whose data lies in it travel as their place there.
  void set_window(std::span<const std::byte> window) { window_ = window; }

 private:
  void command(const Command& command, ByteWriter& out);
  void upload(const Command& command, ByteWriter& out);
  void label(const char* label, ByteWriter& out);
  void replay(const Replay& replay, ByteWriter& out);
  void forget(const Graph& graph, ByteWriter& out);

  std::unordered_map<ProgramRef, uint32_t> programs_;
  std::unordered_map<uint64_t, uint32_t> graphs_;  // by Graph::number()
  uint32_t defined_graphs_ = 0;
  std::unordered_map<std::string, uint32_t> labels_;
  std::span<const std::byte> window_;
};

struct DecoderLimits {
  size_t programs = 1 << 16;  // of one session; programs and labels live as long as the process
  size_t labels = 1 << 16;
  size_t label_size = 256;
  size_t program_bytes = SIZE_MAX;  // of all programs of the session
  size_t list_bytes = SIZE_MAX;     // that one list may take once decoded, its graphs' commands in their places
  size_t graphs = 1 << 12;          // that a session keeps
  size_t graph_bytes = SIZE_MAX;    // of all of them
};

class Decoder {
 public:
  explicit Decoder(DecoderLimits limits = {}) : limits_(limits) {}

  // Reads one list into `list`, which is cleared first. Throws Error(kProtocol); the session's numbering is then void.
  // `bytes` may go away after the call.
  void decode(ByteReader& in, CommandList& list);

  ProgramRef program(ByteReader& in);
  // Throws where `list` with `more` bytes passes the limit.
  void require_room(const CommandList& list, size_t more) const;

  // Shared memory that uploads may name. They then point into it: the other side can change the bytes until the list
  // has run.
  void set_window(std::span<const std::byte> window) { window_ = window; }

 private:
  void commands(ByteReader& in, CommandList& list, bool in_graph);
  void command(ByteReader& in, CommandList& list, bool in_graph);
  void upload(ByteReader& in, bool in_window, CommandList& list, Command& command);
  const char* label(ByteReader& in);
  void replay(ByteReader& in, CommandList& list, uint64_t id);
  void forget(ByteReader& in, CommandList& list, uint64_t id);
  GraphRef define_graph(ByteReader& in);

  DecoderLimits limits_;
  std::vector<ProgramRef> programs_;
  size_t program_bytes_ = 0;
  std::vector<const char*> labels_;
  std::unordered_map<uint32_t, GraphRef> graphs_;
  uint32_t defined_graphs_ = 0;
  size_t graph_bytes_ = 0;
  std::span<const std::byte> window_;
};

// An operation's content as bytes that are equal where the operations are: views by handle, programs by hash, floats by
// bits.
Bytes content_of(const Command& command);
Hash128 content_hash(const Command& command);
bool same_operation(const Command& a, const Command& b);

// Names of operations, fields, types, enumerations, opcodes and dtypes: what two ends must agree on.
Hash128 catalogue_hash();
std::string catalogue_text();

}  // namespace lineshaft
