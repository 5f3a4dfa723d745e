#include "golden/session.h"

#include <array>
#include <cstring>

#include "commands/codec.h"
#include "wire/messages.h"

namespace lineshaft::golden {
namespace {

using wire::Frame;
using wire::FrameType;

constexpr Hash128 kCatalogue{0x0123456789abcdef, 0xfedcba9876543210};
constexpr std::array<float, 6> kA = {1, 2, 3, 4, 5, 6}, kB = {0.5, -1, 2, 0.25, -3, 8};
constexpr std::array<int64_t, 3> kIndices = {1, 5, 0};  // of 2: one is out of its bound

template <class Message>
Frame say(FrameType type, const Message& message) {
  ByteWriter out;
  wire::encode(message, out);
  return {type, out.bytes};
}

Command buffer(CommandKind kind, uint32_t slot, int64_t size = 0) {
  return {.kind = kind, .id = 100 + slot, .buffer = BufferId::make(slot, 1), .size = size};
}

Command upload(uint32_t slot, const void* data, size_t size) {
  Command command = buffer(CommandKind::kUpload, slot, static_cast<int64_t>(size));
  command.data = static_cast<const std::byte*>(data);
  return command;
}

TensorView view(uint32_t slot, DType dtype, std::initializer_list<int64_t> sizes) {
  return contiguous_view(BufferId::make(slot, 1), dtype, sizes);
}

// x + y * arg0, instruction by instruction.
ProgramRef multiply_add() {
  constexpr DType f32 = DType::kF32;
  return intern({.inputs = {f32, f32},
                 .outputs = {f32},
                 .args = {f32},
                 .code = {{.opcode = Opcode::kLoad, .type = f32, .imm = 0},
                          {.opcode = Opcode::kLoad, .type = f32, .imm = 1},
                          {.opcode = Opcode::kArg, .type = f32, .imm = 0},
                          {.opcode = Opcode::kMul, .type = f32, .a = 1, .b = 2},
                          {.opcode = Opcode::kAdd, .type = f32, .a = 0, .b = 3}},
                 .results = {4}});
}

// Uploads, inline and by the window; a product with an epilogue; the same program by its number; an event.
void first_list(CommandList& list, std::span<const std::byte> memory) {
  for (uint32_t slot : {1u, 2u}) list.commands.push_back(buffer(CommandKind::kCreate, slot, 24));
  for (uint32_t slot : {3u, 4u}) list.commands.push_back(buffer(CommandKind::kCreate, slot, 16));
  list.commands.push_back(upload(1, kA.data(), sizeof kA));
  list.commands.push_back(upload(2, memory.data() + kUploadAt, sizeof kB));
  list.commands.push_back(upload(4, kA.data(), 16));
  TensorView addend[] = {view(4, DType::kF32, {1, 2, 2})};
  Scalar factor[] = {Scalar::of(0.5)};
  list.add(Matmul{.a = view(1, DType::kF32, {1, 2, 3}),
                  .b = view(2, DType::kF32, {1, 3, 2}),
                  .output = view(3, DType::kF32, {1, 2, 2}),
                  .epilogue = {.program = multiply_add(), .inputs = addend, .args = factor}},
           "aten::addmm", 7);
  TensorView inputs[] = {view(3, DType::kF32, {2, 2}), view(4, DType::kF32, {2, 2})};
  TensorView outputs[] = {view(4, DType::kF32, {2, 2})};
  list.add(Map{.program = multiply_add(), .inputs = inputs, .outputs = outputs, .args = factor}, "aten::add", 8);
  list.commands.push_back({.kind = CommandKind::kEvent, .id = 9});
}

// An index out of its bound; a reduction; a release.
void second_list(CommandList& list) {
  list.commands.push_back(buffer(CommandKind::kCreate, 5, sizeof kIndices));
  list.commands.push_back(buffer(CommandKind::kCreate, 6, 24));
  list.commands.push_back(buffer(CommandKind::kCreate, 7, 8));
  list.commands.push_back(upload(5, kIndices.data(), sizeof kIndices));
  TensorView indices[] = {view(5, DType::kI64, {3, 1})};
  indices[0].strides[1] = 0;
  indices[0].sizes[1] = 2;
  TensorView rows = view(4, DType::kF32, {3, 2});
  rows.strides[0] = 0;
  int64_t strides[] = {2}, bounds[] = {2};
  list.add(Gather{.input = rows,
                  .indices = indices,
                  .index_strides = strides,
                  .bounds = bounds,
                  .output = view(6, DType::kF32, {3, 2})},
           "aten::index_select", 10);
  TensorView summands[] = {view(3, DType::kF32, {2, 2})};
  list.add(Reduce{.kind = ReduceKind::kSum, .axes = 0b10, .inputs = summands, .output = view(7, DType::kF32, {2, 1})},
           "aten::sum", 11);
  list.commands.push_back(buffer(CommandKind::kRelease, 5));
}

// A graph with a parameter that is defined and run, run again by its number, and forgotten.
void third_list(CommandList& list) {
  constexpr uint64_t kPlaceholder = 0x7ff8000000000000;
  auto inside = std::make_unique<CommandList>();
  TensorView inputs[] = {view(4, DType::kF32, {2, 2}), view(3, DType::kF32, {2, 2})};
  TensorView outputs[] = {view(4, DType::kF32, {2, 2})};
  Scalar factor[] = {{kPlaceholder}};
  inside->add(Map{.program = multiply_add(), .inputs = inputs, .outputs = outputs, .args = factor}, "aten::add", 12);
  auto graph = std::make_shared<const Graph>(std::move(inside), std::vector<GraphParameter>{{kPlaceholder, 1}});
  for (double value : {2.0, -1.0}) add_replay(list, graph, std::vector{Scalar::of(value).bits}, 13);
  add_forget(list, graph, 14);
}

Frame numbered(uint64_t number, Encoder& encoder, const CommandList& list) {
  ByteWriter out;
  out.number(number);
  encoder.encode(list, out);
  return {FrameType::kList, out.bytes};
}

}  // namespace

Bytes window() {
  Bytes bytes(kWindow);
  std::memcpy(bytes.data() + kUploadAt, kB.data(), sizeof kB);
  return bytes;
}

std::vector<Frame> guest_frames(std::span<const std::byte> memory) {
  Encoder encoder;
  encoder.set_window(memory);
  CommandList first, second, third, nothing;
  first_list(first, memory);
  second_list(second);
  third_list(third);
  std::vector<Frame> frames;
  frames.push_back(
      say(FrameType::kHello, wire::Hello{.release = "0.1.0", .catalogue = kCatalogue, .client = "python3, pid 42"}));
  frames.push_back(say(FrameType::kOpen, wire::Open{0}));
  frames.push_back(numbered(1, encoder, first));
  frames.push_back(numbered(2, encoder, second));
  frames.push_back(numbered(3, encoder, third));
  frames.push_back(say(FrameType::kRead, wire::Read{BufferId::make(4, 1).value, 0, 16, wire::Read::kNoWindow}));
  frames.push_back(say(FrameType::kRead, wire::Read{BufferId::make(7, 1).value, 0, 8, kReadAt}));
  frames.push_back({FrameType::kTrim, {}});
  frames.push_back(numbered(9, encoder, nothing));  // 4 is due: the server ends the session
  frames.push_back({FrameType::kGoodbye, {}});
  return frames;
}

std::vector<Frame> server_frames() {
  wire::DeviceInfo device{.name = "a device",
                          .driver = "a driver",
                          .device_class = 3,
                          .uuid = "0123456789abcdef",
                          .memory = int64_t{1} << 30,
                          .threads = 2,
                          .features = {"f16", "f64"},
                          .max_views = 16,
                          .max_instructions = 256};
  // Rows of A by B, plus half of A's first four; then the sum of it and A's first four, which the lists and their graph
  // make of it.
  constexpr std::array<float, 4> product = {-4.5f + 0.5f, 23.5f + 1.0f, -6.0f + 1.5f, 45.25f + 2.0f};
  Bytes data(16);
  for (size_t i = 0; i < 4; ++i) {
    float value = product[i] + 0.5f * kA[i] + 2 * product[i] - product[i];
    std::memcpy(data.data() + i * sizeof value, &value, sizeof value);
  }
  std::vector<Frame> frames;
  frames.push_back(
      say(FrameType::kWelcome,
          wire::Welcome{.release = "0.1.0", .catalogue = kCatalogue, .environment = "a machine", .devices = {device}}));
  frames.push_back(say(FrameType::kOpened, wire::Opened{7, device.memory}));
  frames.push_back(
      say(FrameType::kFailed, wire::Failure{static_cast<uint8_t>(ErrorCode::kIndex),
                                            "aten::index_select: index 5 is out of range; it must lie in 0 to 1"}));
  frames.push_back(say(FrameType::kCompleted, wire::Completed{3, 2 << 20, 1536, device.memory, 0, {123456789}}));
  frames.push_back({FrameType::kData, data});
  frames.push_back({FrameType::kReadDone, {}});
  frames.push_back(say(FrameType::kCompleted, wire::Completed{3, 1 << 20, 1536, device.memory, 0, {}}));
  frames.push_back(say(FrameType::kEnd, wire::Failure{static_cast<uint8_t>(ErrorCode::kProtocol),
                                                      "list 9 comes after list 3; lists count up by one"}));
  return frames;
}

Bytes join(const std::vector<Frame>& frames) {
  Bytes bytes;
  for (const Frame& frame : frames) {
    auto header = wire::frame_header(frame.type, frame.payload.size());
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.insert(bytes.end(), frame.payload.begin(), frame.payload.end());
  }
  return bytes;
}

std::vector<Frame> split(std::span<const std::byte> bytes) {
  std::vector<Frame> frames;
  wire::FrameParser parser;
  while (!bytes.empty()) {
    std::span<std::byte> space = parser.space();
    size_t count = std::min(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), count);
    parser.added(count);
    bytes = bytes.subspan(count);
    while (auto frame = parser.next()) frames.push_back(std::move(*frame));
  }
  return frames;
}

}  // namespace lineshaft::golden
