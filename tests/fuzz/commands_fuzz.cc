// The command decoder with validation: what decodes is encoded to what decodes to the same, and checking it against a
// session's buffers ends in acceptance or in an error that says what is wrong.
#include <algorithm>
#include <cstdlib>

#include "commands/validate.h"
#include "fuzz/mutate.h"

namespace {

using namespace lineshaft;

void require_same(const CommandList& a, const CommandList& b);

void require_same_run(const Command& a, const Command& b) {
  const Replay &x = *static_cast<const Replay*>(a.op), &y = *static_cast<const Replay*>(b.op);
  if (x.graph->parameters() != y.graph->parameters() || !std::ranges::equal(x.values, y.values)) std::abort();
  require_same(x.graph->list(), y.graph->list());
}

void require_same(const CommandList& a, const CommandList& b) {
  if (a.commands.size() != b.commands.size()) std::abort();
  for (size_t i = 0; i < a.commands.size(); ++i) {
    const Command &x = a.commands[i], &y = b.commands[i];
    if (x.kind != y.kind || x.buffer != y.buffer || x.label != y.label) std::abort();
    if (x.kind == CommandKind::kOperation && !same_operation(x, y)) std::abort();
    if (x.kind == CommandKind::kReplay) require_same_run(x, y);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kListBytes = 8 << 20;
  std::vector<std::byte> window(fuzz::kWindow);
  DecoderLimits limits{.programs = 64,
                       .labels = 64,
                       .program_bytes = 1 << 20,
                       .list_bytes = kListBytes,
                       .graphs = 64,
                       .graph_bytes = kListBytes};
  Decoder decoder(limits), second(limits);
  Encoder encoder;
  decoder.set_window(window);
  second.set_window(window);
  encoder.set_window(window);
  BufferTable buffers({.slots = 64, .bytes = 1 << 24});
  ByteReader in(std::as_bytes(std::span(data, size)));
  CommandList list, again;
  try {
    while (in.left()) {
      decoder.decode(in, list);
      if (list.bytes() > kListBytes) std::abort();
      ByteWriter out;
      encoder.encode(list, out);
      ByteReader copy(out.bytes);
      second.decode(copy, again);
      if (copy.left()) std::abort();
      require_same(list, again);
      to_string(list);
      validate(list, buffers);
      if (buffers.bytes() > 1 << 24) std::abort();
      expand_graphs(list);
      if (list.bytes() > 2 * kListBytes) std::abort();
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInternal) std::abort();
  }
  return 0;
}

// One list after another, without frames.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t limit);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t limit, unsigned seed) {
  fuzz::Random random(seed);
  if (random() % 3 == 0) return LLVMFuzzerMutate(data, size, limit);
  std::vector<std::byte> window(fuzz::kWindow);
  Decoder decoder;
  decoder.set_window(window);
  Encoder encoder;
  encoder.set_window(window);
  ByteReader in(std::as_bytes(std::span(data, size)));
  ByteWriter out;
  CommandList list;
  try {
    while (in.left()) {
      decoder.decode(in, list);
      fuzz::mutate(list, random);
      encoder.encode(list, out);
    }
  } catch (const Error&) {
    return LLVMFuzzerMutate(data, size, limit);
  }
  if (out.bytes.size() > limit) return LLVMFuzzerMutate(data, size, limit);
  std::memcpy(data, out.bytes.data(), out.bytes.size());
  return out.bytes.size();
}
