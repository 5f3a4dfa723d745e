// Command lists as bytes, for traces and for servers. One visitor over each operation's fields() writes and one reads,
// so a new operation needs no change here. Programs and graphs are sent by content and labels as text, each once in a
// session; after that they are sent as numbers, which encoder and decoder count in the same way.
//
// A list from decode() is well formed as data (enumerations in range, as many elements as counts say, valid programs)
// but not yet safe to run: commands/validate.h checks it against the session's buffers. One thread at a time uses an
// encoder or a decoder.
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

  // Sets the shared memory. Of uploads whose data lies in it, only the position in it is sent.
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
  size_t list_bytes = SIZE_MAX;     // bytes of one decoded list, with the commands of its graphs in place of replays
  size_t graphs = 1 << 12;          // most graphs that a session keeps
  size_t graph_bytes = SIZE_MAX;    // of all graphs of the session
};

class Decoder {
 public:
  explicit Decoder(DecoderLimits limits = {}) : limits_(limits) {}

  // Reads one list into `list`, which is cleared first. Throws Error(kProtocol); after that the decoder must not be
  // used. The input may be freed after the call, except shared memory.
  void decode(ByteReader& in, CommandList& list);

  ProgramRef program(ByteReader& in);
  // Throws where `list` and `more` bytes together exceed the limit.
  void require_room(const CommandList& list, size_t more) const;

  // Sets the shared memory that uploads may name. Their data then points into it, so that the other side can change the
  // bytes until the list has run.
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

// The content of an operation as bytes, which are equal exactly where two operations are: views by handle, programs by
// hash, floats by bits.
Bytes content_of(const Command& command);
Hash128 content_hash(const Command& command);
bool same_operation(const Command& a, const Command& b);

// The names of operations, fields, types, enumerations, opcodes and dtypes, in which guest and server must agree.
Hash128 catalogue_hash();
std::string catalogue_text();

}  // namespace lineshaft
