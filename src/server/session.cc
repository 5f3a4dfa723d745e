#include "server/session.h"

#include <cstring>
#include <thread>

#include "commands/range.h"
#include "platform/environment.h"
#include "platform/spin.h"

namespace lineshaft {
namespace {

using namespace std::chrono_literals;
using wire::FrameType;
constexpr auto kHandshake = 10s;
constexpr auto kFrameLook = 20us;                 // between looks for frames while the device runs
constexpr size_t kLongList = 64 << 10;            // while more bytes are decoded others have the device
constexpr size_t kListBytes = size_t{128} << 20;  // that one takes once decoded
constexpr size_t kProgramBytes = size_t{64} << 20;
constexpr size_t kGraphBytes = size_t{256} << 20;  // all that it keeps
constexpr size_t kEventsTold = 1 << 16;            // in one frame

// The first fields of a Hello of any version.
void require_same(const wire::Frame& frame, const std::string& release) {
  ByteReader in(frame.payload);
  if (in.text(16) != "lineshaft") fail(ErrorCode::kProtocol, "what connects is no Lineshaft guest");
  auto protocol = in.number<uint32_t>();
  std::string guest(in.text(64));
  if (protocol != wire::kProtocolVersion)
    fail(ErrorCode::kProtocol, "the guest is Lineshaft ", guest, " (protocol ", protocol, "), the server ", release,
         " (protocol ", wire::kProtocolVersion, "); install the same release on both sides");
}

}  // namespace

Session::Session(wire::Channel& channel, SessionOptions options)
    : channel_(channel),
      options_(std::move(options)),
      page_(options_.page ? *options_.page : own_page_),
      account_(options_.account ? *options_.account : own_account_),
      decoder_({.program_bytes = kProgramBytes, .list_bytes = kListBytes, .graph_bytes = kGraphBytes}) {
  decoder_.set_window(channel_.window());
}

Session::~Session() = default;

int64_t Session::with_allowance(int64_t quota) {
  constexpr int64_t kLeast = int64_t{256} << 20;
  int64_t allowance = std::max(quota / 4, kLeast);
  return quota > INT64_MAX - allowance ? INT64_MAX : quota + allowance;
}

void Session::run() {
  try {
    greet();
    if (device_) serve();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDeviceLost) send_failure(FrameType::kEnd, error);
    throw;
  }
}

void Session::greet() {
  wire::Frame hello = channel_.expect(FrameType::kHello, kHandshake);
  require_same(hello, options_.release);
  auto guest = wire::decode<wire::Hello>(hello.payload);
  Hash128 ours = catalogue_hash();
  if (guest.catalogue != ours)
    fail(ErrorCode::kProtocol, "the guest's Lineshaft ", guest.release, " has other operations (catalogue ",
         to_hex(guest.catalogue).substr(0, 8), ") than the server's ", options_.release, " (",
         to_hex(ours).substr(0, 8), "); install the same release on both sides");
  channel_.send(FrameType::kWelcome, wire::Welcome{.release = options_.release,
                                                   .catalogue = ours,
                                                   .environment = environment_identity(),
                                                   .devices = options_.devices});
  open();
}

void Session::open() {
  auto frame = channel_.receive(kHandshake);
  if (!frame || frame->type == FrameType::kGoodbye) return;  // it only asked what there is
  if (frame->type != FrameType::kOpen)
    fail(ErrorCode::kProtocol, "a ", wire::name_of(frame->type), " frame comes where an open is due");
  auto request = wire::decode<wire::Open>(frame->payload);
  if (request.device >= options_.devices.size())
    fail(ErrorCode::kInvalidArgument, "device remote:", request.device, " is asked for; the server lends ",
         options_.devices.size());
  device_ = options_.open(static_cast<int>(request.device));
  int64_t quota = options_.devices[request.device].memory;
  buffers_ = BufferTable({options_.max_buffers, quota, with_allowance(quota) - quota});
  account_.open(static_cast<int>(request.device), quota);
  device_->limit_memory(with_allowance(quota));
  dispatcher_ = std::make_unique<Dispatcher>(*device_, options_.lease, options_.slice_ns, [this] { report(); });
  if (options_.opened) options_.opened();
  channel_.send(FrameType::kOpened, wire::Opened{options_.number, account_.limit()});
}

void Session::serve() {
  while (true) {
    auto frame = next();
    if (!frame) continue;
    page_.received += wire::kFrameHeader + frame->payload.size();
    switch (frame->type) {
      case FrameType::kList:
        execute(*frame);
        break;
      case FrameType::kRead:
        read(*frame);
        break;
      case FrameType::kTrim:
        settle();
        device_->trim();
        complete();  // the answer: what the guest's other sessions leave now
        break;
      case FrameType::kGoodbye:
        return settle();
      default:
        fail(ErrorCode::kProtocol, "a ", wire::name_of(frame->type), " frame comes inside a session");
    }
    channel_.recycle(std::move(*frame));
  }
}

std::optional<wire::Frame> Session::next() {
  auto frame = channel_.receive(0ms);
  // An asynchronous device runs while the guest sends more.
  while (!frame && !dispatcher_->idle()) {
    if (!spin([&] { return dispatcher_->idle(); })) std::this_thread::sleep_for(kFrameLook);
    frame = channel_.receive(0ms);
  }
  if (frame) return frame;
  settle();
  return channel_.receive(-1ms);
}

void Session::execute(const wire::Frame& frame) {
  ByteReader in(frame.payload);
  auto ticket = in.number<uint64_t>();
  if (ticket != submitted_ + 1)
    fail(ErrorCode::kProtocol, "list ", ticket, " comes after list ", submitted_, "; lists count up by one");
  if (frame.payload.size() > kLongList && dispatcher_->idle()) dispatcher_->give_back();
  auto list = dispatcher_->spare();
  decoder_.decode(in, *list);
  if (in.left()) fail(ErrorCode::kProtocol, in.left(), " bytes are left over after a list");
  validate(*list, buffers_);
  account_.count(buffers_.count(), options_.max_buffers);
  if (auto error = account_.admit(*list, buffers_.bytes()); error && !shortage_) shortage_ = error;
  expand_graphs(*list);
  count(*list);
  submitted_ = ticket;
  dispatcher_->submit(std::move(list), ticket);
}

void Session::count(const CommandList& list) {
  uint64_t operations = 0, uploaded = 0;
  for (const Command& command : list.commands) {
    operations += command.kind == CommandKind::kOperation;
    if (command.kind == CommandKind::kUpload) uploaded += static_cast<uint64_t>(command.size);
  }
  ++page_.lists;
  page_.operations += operations;
  page_.uploaded += uploaded;
  page_.memory = account_.held();
  page_.buffers = static_cast<uint64_t>(buffers_.count());
}

void Session::read(const wire::Frame& frame) {
  auto request = wire::decode<wire::Read>(frame.payload);
  int64_t size = buffers_.size_of(BufferId{request.buffer});
  if (!lies_within(request.offset, request.size, size))
    fail(ErrorCode::kProtocol, "a read of ", request.size, " bytes at ", request.offset, " passes its buffer of ",
         size);
  bool direct = request.window == wire::Read::kNoWindow;
  std::span<std::byte> window = channel_.window();
  if (direct && static_cast<uint64_t>(request.size) > wire::kMaxPayload)
    fail(ErrorCode::kProtocol, "a read of ", request.size, " bytes in one frame; the limit is ", wire::kMaxPayload);
  if (!direct && !lies_within(static_cast<int64_t>(request.window), request.size, static_cast<int64_t>(window.size())))
    fail(ErrorCode::kProtocol, "a read of ", request.size, " bytes to ", request.window, " passes the window of ",
         window.size());
  settle();
  page_.downloaded += static_cast<uint64_t>(request.size);
  Bytes bytes(direct ? static_cast<size_t>(request.size) : 0);
  try {
    device_->read(BufferId{request.buffer}, request.offset, direct ? bytes.data() : window.data() + request.window,
                  request.size);
  } catch (const Error& error) {
    // The buffer never got memory: the read is answered all the same, and the guest sees the error.
    if (error.code() != ErrorCode::kOutOfMemory) throw;
    send_failure(FrameType::kFailed, error);
  }
  direct ? channel_.send(FrameType::kData, bytes) : channel_.send(FrameType::kReadDone);
}

void Session::settle() {
  if (submitted_ > reported_) dispatcher_->wait();
  dispatcher_->give_back();
  report();  // not before: it may wait for the guest
}

void Session::report() {
  if (auto error = std::exchange(shortage_, std::nullopt)) send_failure(FrameType::kFailed, *error);
  while (auto error = device_->take_error()) {
    send_failure(FrameType::kFailed, *error);
    if (error->code() == ErrorCode::kDeviceLost) fail(ErrorCode::kInternal, error->what());
  }
  if (dispatcher_->completed() != reported_) complete();
}

void Session::complete() {
  uint64_t done = dispatcher_->completed();
  std::vector<int64_t>& events = dispatcher_->events();
  ExecutorMemory memory = device_->memory();
  wire::Completed completed{.ticket = reported_,
                            .reserved = memory.reserved,
                            .in_use = memory.in_use,
                            .limit = account_.limit(),
                            .dispatches = device_->dispatches()};
  for (size_t told = 0; told + kEventsTold < events.size(); told += kEventsTold) {
    completed.events.assign(events.begin() + told, events.begin() + told + kEventsTold);
    channel_.send(FrameType::kCompleted, completed);
  }
  completed.ticket = done;
  completed.events.assign(events.end() - (events.empty() ? 0 : (events.size() - 1) % kEventsTold + 1), events.end());
  channel_.send(FrameType::kCompleted, completed);
  reported_ = done;
  events.clear();
}

void Session::send_failure(wire::FrameType type, const Error& error) {
  channel_.send(type, wire::Failure{static_cast<uint8_t>(error.code()), error.what()});
}

}  // namespace lineshaft
