// Writes the first inputs of the fuzzers: fuzz_seeds FOLDER [TRACE...]. Every operation's example by itself, all of
// them in one session, the beginnings of recorded traces, and each call of the API.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include "fuzz/choices.h"
#include "golden/session.h"
#include "support/examples.h"
#include "trace/trace.h"
#include "wire/frame.h"
#include "wire/messages.h"

namespace lineshaft::fuzz {
namespace {

using wire::FrameType;

class Seeds {
 public:
  explicit Seeds(std::filesystem::path folder) : folder_(std::move(folder)) {
    for (const char* name : {"frames", "messages", "commands", "session", "api"})
      std::filesystem::create_directories(folder_ / name);
  }
  void write(const std::string& fuzzer, const Bytes& bytes) {
    std::ofstream file(folder_ / fuzzer / concat("seed-", ++count_), std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }

 private:
  std::filesystem::path folder_;
  int count_ = 0;
};

void add_frame(Bytes& bytes, FrameType type, const Bytes& payload) {
  auto header = wire::frame_header(type, payload.size());
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), payload.begin(), payload.end());
}

template <class Message>
Bytes encoded(const Message& message) {
  ByteWriter out;
  wire::encode(message, out);
  return out.bytes;
}

// A session of these lists that reads each buffer at its end.
class Script {
 public:
  Script() {
    add_frame(session_, FrameType::kHello, encoded(wire::Hello{.release = "fuzz", .catalogue = catalogue_hash()}));
    add_frame(session_, FrameType::kOpen, encoded(wire::Open{0}));
  }
  void add(const CommandList& list) {
    ByteWriter numbered, plain;
    numbered.number(++lists_);
    session_encoder_.encode(list, numbered);
    plain_encoder_.encode(list, plain);
    add_frame(session_, FrameType::kList, numbered.bytes);
    commands_.insert(commands_.end(), plain.bytes.begin(), plain.bytes.end());
    for (const Command& command : list.commands) {
      if (command.kind == CommandKind::kCreate) live_[command.buffer.value] = command.size;
      if (command.kind == CommandKind::kRelease) live_.erase(command.buffer.value);
    }
  }
  void write(Seeds& seeds) {
    bool direct = true;
    for (const auto& [buffer, size] : live_) {
      wire::Read read{buffer, 0, std::min<int64_t>(size, 4096), direct ? wire::Read::kNoWindow : 0};
      add_frame(session_, FrameType::kRead, encoded(read));
      direct = !direct;
    }
    add_frame(session_, FrameType::kTrim, {});
    add_frame(session_, FrameType::kGoodbye, {});
    seeds.write("session", session_);
    seeds.write("commands", commands_);
    Bytes frames = {std::byte{7}};
    frames.insert(frames.end(), session_.begin(), session_.end());
    if (frames.size() < 4096) seeds.write("frames", frames);
  }

 private:
  Bytes session_, commands_;
  Encoder session_encoder_, plain_encoder_;
  uint64_t lists_ = 0;
  std::map<uint64_t, int64_t> live_;
};

// Something for inputs to hold.
const std::byte* values() {
  static const std::vector<float> all = [] {
    std::vector<float> some(256);
    for (size_t i = 0; i < some.size(); ++i) some[i] = static_cast<float>(i % 17) * 0.25f - 1;
    return some;
  }();
  return reinterpret_cast<const std::byte*>(all.data());
}

void add_buffer(CommandList& list, uint64_t buffer, int64_t size, bool filled) {
  list.commands.push_back({.kind = CommandKind::kCreate, .buffer = BufferId{buffer}, .size = size});
  if (filled)
    list.commands.push_back({.kind = CommandKind::kUpload,
                             .buffer = BufferId{buffer},
                             .size = std::min<int64_t>(size, 1024),
                             .data = values()});
}

// The buffers that an operation uses.
void add_buffers(CommandList& list, const Command& operation) {
  std::map<uint64_t, bool> used;
  for_each_view(operation, [&](const TensorView& view, bool read, bool) { used[view.buffer.value] |= read; });
  for (const auto& [buffer, read] : used) add_buffer(list, buffer, examples::kBufferSize, read);
}

template <class Op>
void write_example(const Op& op, Seeds& seeds) {
  CommandList operation, list;
  operation.add(op, "an operator", 1);
  add_buffers(list, operation.commands[0]);
  list.add(op, "an operator", 2);
  list.commands.push_back({.kind = CommandKind::kEvent});
  Script script;
  script.add(list);
  script.write(seeds);
}

// The operation in a graph that runs three times, with one of its scalars a parameter, and ends.
template <class Op>
void write_graph(const Op& op, Seeds& seeds) {
  constexpr uint64_t kPlaceholder = 0x7ff8'0000'0000'0000;
  CommandList list;
  auto inside = std::make_unique<CommandList>();
  const Op& copy = inside->add(op, "an operator", 1);
  if constexpr (requires { op.args; })
    if (!copy.args.empty()) const_cast<Scalar&>(copy.args[0]).bits = kPlaceholder;
  add_buffers(list, inside->commands[0]);
  auto graph = std::make_shared<Graph>(std::move(inside), std::vector<GraphParameter>{{kPlaceholder, 2}});
  for (double value : {0.5, 1.0, -2.0}) add_replay(list, graph, std::vector{Scalar::of(value).bits}, 2);
  add_forget(list, graph, 3);
  Script script;
  script.add(list);
  script.write(seeds);
}

// A stretch of a trace as a session: with the buffers that it finds there.
void write_stretch(std::span<const Command> stretch, std::map<uint64_t, int64_t>& sizes, Seeds& seeds) {
  CommandList list;
  std::map<uint64_t, bool> there;
  auto need = [&](BufferId buffer) {
    if (!there.emplace(buffer.value, true).second) return;
    add_buffer(list, buffer.value, sizes[buffer.value], true);
  };
  for (const Command& command : stretch) {
    if (command.kind == CommandKind::kCreate) {
      there.emplace(command.buffer.value, true);
      sizes[command.buffer.value] = command.size;
    } else if (command.kind == CommandKind::kOperation) {
      for_each_view(command, [&](const TensorView& view, bool, bool) { need(view.buffer); });
    } else if (command.kind == CommandKind::kReplay) {
      for (BufferId buffer : static_cast<const Replay*>(command.op)->graph->buffers()) need(buffer);
    } else if (command.kind == CommandKind::kForget) {
      continue;
    } else if (command.kind != CommandKind::kEvent) {
      need(command.buffer);
    }
  }
  list.commands.insert(list.commands.end(), stretch.begin(), stretch.end());
  for (Command& command : list.commands)
    if (command.kind == CommandKind::kUpload) command.size = std::min<int64_t>(command.size, 1024);
  Script script;
  script.add(list);
  script.write(seeds);
}

void write_trace(const std::string& path, Seeds& seeds) {
  constexpr size_t kStretch = 24;  // commands
  TraceReader trace(path);
  CommandList list;
  std::map<uint64_t, int64_t> sizes;
  while (trace.next(list))
    for (size_t at = 0; at < list.commands.size(); at += kStretch)
      write_stretch(std::span(list.commands).subspan(at, std::min(kStretch, list.commands.size() - at)), sizes, seeds);
}

void write_golden(Seeds& seeds) {
  Bytes memory = golden::window();
  auto frames = golden::guest_frames(memory);
  frames[0].payload = encoded(wire::Hello{.release = "fuzz", .catalogue = catalogue_hash()});
  seeds.write("session", golden::join(frames));
  for (auto side : {golden::join(frames), golden::join(golden::server_frames())}) {
    side.insert(side.begin(), std::byte{7});
    seeds.write("frames", side);
  }
}

void write_messages(Seeds& seeds) {
  wire::DeviceInfo device{.name = "a device", .driver = "a driver", .uuid = "0123456789abcdef", .features = {"f16"}};
  Bytes all[] = {encoded(wire::Hello{.release = "1"}),
                 encoded(wire::Welcome{.release = "1", .environment = "here", .devices = {device, device}}),
                 encoded(wire::Open{1}),
                 encoded(wire::Opened{2, 3}),
                 encoded(wire::Read{1, 2, 3, 4}),
                 encoded(wire::Completed{5, 6, 7, 8, 9, {10, 11}}),
                 encoded(wire::Failure{1, "a reason"}),
                 encoded(device)};
  for (size_t i = 0; i < std::size(all); ++i) {
    all[i].insert(all[i].begin(), static_cast<std::byte>(i));
    seeds.write("messages", all[i]);
  }
}

// What the API's fuzzer is told: options, then a record for each step.
class Calls {
 public:
  explicit Calls(uint8_t options = 0) : bytes_{std::byte{options}} {}
  Calls& add(Step step, std::initializer_list<uint8_t> choices = {}) {
    std::array<std::byte, kRecord> record{static_cast<std::byte>(step)};
    std::ranges::transform(choices, record.begin() + 1, [](uint8_t each) { return static_cast<std::byte>(each); });
    bytes_.insert(bytes_.end(), record.begin(), record.end());
    return *this;
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

// Every operation as its example is, at once and in a graph; each other step by itself and all of them in a row.
void write_calls(Seeds& seeds) {
  Calls row;
  for (int i = 0; i < kOpKindCount; ++i) {
    auto kind = static_cast<uint8_t>(i);
    for (uint8_t options : {0, 1}) {
      Calls calls(options);
      for (uint8_t place : {1, 2}) calls.add(Step::kWrite, {place, 0, 0, 0, 0, 0, 3});  // the whole buffer
      calls.add(Step::kOperation, {kind}).add(Step::kRead, {1, 0, 0, 0, 0, 0, 3});
      // With a parameter, which a run gives a value.
      calls.add(Step::kCapture, {1}).add(Step::kOperation, {kind, 0, 0, 0, 1}).add(Step::kCapture);
      calls.add(Step::kReplay).add(Step::kReplay).add(Step::kForget).add(Step::kRead, {2, 0, 0, 0, 0, 0, 3});
      calls.add(Step::kWait);
      seeds.write("api", calls.bytes());
    }
    row.add(Step::kOperation, {kind});
  }
  seeds.write("api", row.bytes());
  Calls all;
  for (uint8_t step = 1; step < kSteps; ++step) {
    Calls few;
    for (uint8_t i = 0; i < 4; ++i) {
      few.add(static_cast<Step>(step), {i, i, i});
      all.add(static_cast<Step>(step), {i, i, i});
    }
    seeds.write("api", few.bytes());
  }
  seeds.write("api", all.bytes());
}

}  // namespace
}  // namespace lineshaft::fuzz

int main(int count, char** words) {
  using namespace lineshaft;
  if (count < 2) {
    std::fprintf(stderr, "fuzz_seeds FOLDER [TRACE...]\n");
    return 2;
  }
  fuzz::Seeds seeds(words[1]);
  fuzz::write_messages(seeds);
  fuzz::write_golden(seeds);
  fuzz::write_calls(seeds);
#define LINESHAFT_OPERATION(Type, name)         \
  fuzz::write_example(examples::name(), seeds); \
  fuzz::write_graph(examples::name(), seeds);
#include "lineshaft/ops/catalogue.def"
  CommandList all;
  examples::add_all(all);
  fuzz::Script script;
  script.add(all);
  script.write(seeds);
  for (int i = 2; i < count; ++i) fuzz::write_trace(words[i], seeds);
  return 0;
}
