#include "server/guest.h"

#include <random>

#include "lineshaft/program/expression.h"

namespace lineshaft::tests {
namespace {

using namespace std::chrono_literals;
using wire::FrameType;

constexpr int64_t kSide = 48;

std::unique_ptr<Connection> connect(const std::string& address) {
  Endpoint endpoint = parse_endpoint(address);
  return endpoint.transport->connect(endpoint.address);
}

ProgramRef difference() {
  ProgramBuilder p;
  Expr a = p.input(DType::kF32), b = p.input(DType::kF32);
  p.output(a - b, DType::kF32);
  return p.finish();
}

ProgramRef square() {
  ProgramBuilder p;
  Expr x = p.input(DType::kF32);
  p.output(x * x, DType::kF32);
  return p.finish();
}

ProgramRef step() {  // w - rate * g
  ProgramBuilder p;
  Expr w = p.input(DType::kF32), g = p.input(DType::kF32);
  p.output(w - g * p.arg(DType::kF32), DType::kF32);
  return p.finish();
}

TensorView transposed(TensorView view) {
  std::swap(view.sizes[1], view.sizes[2]);
  std::swap(view.strides[1], view.strides[2]);
  return view;
}

}  // namespace

Guest::Guest(const std::string& address) {
  remote::Greeted greeted = remote::greet(address);
  greeted.channel->send(FrameType::kGoodbye);
  DeviceProperties properties = remote::properties_of(greeted.welcome.devices.at(0), 0, true);
  device_ = remote::make_device(address, properties);
  StreamOptions options;
  options.budget = properties.memory;
  options.name = "remote:0";
  stream_ = std::make_unique<Stream>(*device_, options);
}

std::vector<float> Guest::train(int steps, uint32_t seed) {
  Stream& s = *stream_;
  constexpr int64_t kBytes = kSide * kSide * 4;
  auto matrix = [](BufferId buffer) { return contiguous_view(buffer, DType::kF32, {1, kSide, kSide}); };
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(kSide * kSide), losses;
  BufferId weights = s.create(kBytes);
  for (float& value : values) value = uniform(random);
  s.write(weights, 0, values.data(), kBytes);
  for (int i = 0; i < steps; ++i) {
    BufferId input = s.create(kBytes), product = s.create(kBytes), error = s.create(kBytes), grad = s.create(kBytes),
             loss = s.create(4);
    for (float& value : values) value = uniform(random);
    s.write(input, 0, values.data(), kBytes);
    s.record(Matmul{.a = matrix(input), .b = matrix(weights), .output = matrix(product)});
    TensorView inputs[] = {matrix(product), matrix(input)}, outputs[] = {matrix(error)};
    s.record(Map{.program = difference(), .inputs = inputs, .outputs = outputs});
    TensorView squares[] = {matrix(error)}, sums[] = {contiguous_view(loss, DType::kF32, {1, 1, 1})};
    s.record(
        Reduce{.kind = ReduceKind::kSum, .axes = 0b111, .prologue = square(), .inputs = squares, .output = sums[0]});
    s.record(Matmul{.a = transposed(matrix(input)), .b = matrix(error), .output = matrix(grad)});
    TensorView operands[] = {matrix(weights), matrix(grad)}, result[] = {matrix(weights)};
    Scalar rate[] = {Scalar::of(0.01)};
    s.record(Map{.program = step(), .inputs = operands, .outputs = result, .args = rate});
    float value = 0;
    s.read(loss, 0, &value, 4);
    losses.push_back(value);
    for (BufferId buffer : {input, product, error, grad, loss}) s.release(buffer);
  }
  s.release(weights);
  s.wait();
  return losses;
}

RawGuest::RawGuest(const std::string& address) : channel_(connect(address)) {}

void RawGuest::begin() {
  hello();
  channel_.expect(FrameType::kWelcome, 60s);
  channel_.send(FrameType::kOpen, wire::Open{0});
  channel_.expect(FrameType::kOpened, 60s);
}

void RawGuest::send(const CommandList& list, uint64_t number) {
  ByteWriter out;
  out.number(number);
  encoder_.encode(list, out);
  channel_.send(FrameType::kList, out.bytes);
}

Error RawGuest::end() {
  try {
    while (auto frame = channel_.receive(60s))
      if (frame->type == FrameType::kEnd) return wire::error_of(*frame);
  } catch (const Error& error) {
    return Error(error.code(), concat("no end: ", error.what()));
  }
  return Error(ErrorCode::kInternal, "no end within a minute");
}

Command create(int slot, int64_t size, uint32_t generation) {
  return {
      .kind = CommandKind::kCreate, .buffer = BufferId::make(static_cast<uint32_t>(slot), generation), .size = size};
}

Command release(int slot, uint32_t generation) {
  return {.kind = CommandKind::kRelease, .buffer = BufferId::make(static_cast<uint32_t>(slot), generation)};
}

}  // namespace lineshaft::tests
