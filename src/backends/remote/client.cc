#include "backends/remote/client.h"

#include <algorithm>
#include <cstring>

#include "commands/codec.h"
#include "platform/process.h"
#include "transport/transport.h"

namespace lineshaft::remote {
namespace {

using namespace std::chrono_literals;
using wire::FrameType;
constexpr auto kHandshake = 20s;  // a server may have to start a worker and open a GPU

std::string client_name() {
  std::string name = program_name();
  return concat(name.empty() ? "a program" : name, ", pid ", process_id());
}

void require_same(const wire::Welcome& welcome, const std::string& address) {
  if (welcome.protocol != wire::kProtocolVersion || welcome.catalogue != catalogue_hash())
    fail(ErrorCode::kProtocol, "the server at ", address, " is Lineshaft ", welcome.release, " (protocol ",
         welcome.protocol, ", catalogue ", to_hex(welcome.catalogue).substr(0, 8), "), this is ", LINESHAFT_VERSION,
         " (protocol ", wire::kProtocolVersion, ", catalogue ", to_hex(catalogue_hash()).substr(0, 8),
         "); install the same release on both sides");
}

bool is_same(const DeviceProperties& a, const DeviceProperties& b) {
  return a.name == b.name && a.uuid == b.uuid && a.device_class == b.device_class && a.features == b.features &&
         a.fusion.max_views == b.fusion.max_views && a.fusion.max_instructions == b.fusion.max_instructions;
}

void require_same(const wire::Welcome& welcome, const DeviceProperties& device, const std::string& address) {
  auto number = static_cast<size_t>(device.index);
  if (number < welcome.devices.size() &&
      is_same(properties_of(welcome.devices[number], device.index, device.asked_for), device))
    return;
  std::string lent;
  for (const wire::DeviceInfo& info : welcome.devices) lent += (lent.empty() ? "" : "; ") + info.name;
  fail(ErrorCode::kDeviceLost, "the server at ", address, " no longer lends ", device.name, " as its device ", number,
       ", but ", lent.empty() ? "nothing" : lent, "; start this program again to use what it lends now");
}

}  // namespace

DeviceProperties properties_of(const wire::DeviceInfo& info, int index, bool asked_for) {
  DeviceProperties device;
  device.backend = "remote";
  device.index = index;
  device.name = info.name;
  device.driver = info.driver;
  if (info.device_class > static_cast<uint8_t>(DeviceClass::kSoftwareGpu))
    fail(ErrorCode::kProtocol, "device class ", int{info.device_class}, " is unknown");
  device.device_class = static_cast<DeviceClass>(info.device_class);
  std::memcpy(device.uuid.data(), info.uuid.data(), std::min(info.uuid.size(), device.uuid.size()));
  device.memory = info.memory;
  device.threads = info.threads;
  device.features = info.features;
  device.fusion = {info.max_views, info.max_instructions, std::ranges::count(info.features, "f64") > 0};
  device.asked_for = asked_for;
  return device;
}

Greeted greet(const std::string& address) {
  Endpoint endpoint = parse_endpoint(address);
  Greeted greeted{std::make_unique<wire::Channel>(endpoint.transport->connect(endpoint.address)), {}};
  greeted.channel->send(
      FrameType::kHello,
      wire::Hello{.release = LINESHAFT_VERSION, .catalogue = catalogue_hash(), .client = client_name()});
  wire::Frame frame = greeted.channel->expect(FrameType::kWelcome, kHandshake);
  greeted.welcome = wire::decode<wire::Welcome>(frame.payload);
  require_same(greeted.welcome, address);
  return greeted;
}

Client::Client(const std::string& address, const DeviceProperties& device) : address_(address) {
  Greeted greeted = greet(address);
  require_same(greeted.welcome, device, address);
  channel_ = std::move(greeted.channel);
  channel_->send(FrameType::kOpen, wire::Open{static_cast<uint32_t>(device.index)});
  limit_ = wire::decode<wire::Opened>(channel_->expect(FrameType::kOpened, kHandshake).payload).limit;
}

Client::~Client() {
  try {
    if (!lost()) channel_->send(FrameType::kGoodbye);
  } catch (const Error&) {  // the server is gone: nobody is left to hear it
  }
  channel_->close();
}

void Client::send(FrameType type, std::span<const std::byte> payload) {
  if (auto error = lost()) throw *error;
  try {
    channel_->send(type, payload);
  } catch (const Error& error) {
    poll();  // the server may have said why it went
    lose(error);
    throw *lost();
  }
}

void Client::poll() noexcept {
  std::unique_lock lock(mutex_);
  if (receiving_ || lost_) return;
  receiving_ = true;
  lock.unlock();
  receive(0ms);
  lock.lock();
  receiving_ = false;
  received_.notify_all();
}

void Client::wait(const std::function<bool()>& ready) {
  std::unique_lock lock(mutex_);
  while (!ready()) {
    if (lost_) throw *lost_;
    if (receiving_) {
      received_.wait(lock);
      continue;
    }
    receiving_ = true;
    lock.unlock();
    receive(-1ms);
    lock.lock();
    receiving_ = false;
    received_.notify_all();
  }
}

void Client::receive(std::chrono::milliseconds timeout) {
  try {
    auto frame = channel_->receive(timeout);
    while (frame) {
      handle(*frame);
      channel_->recycle(std::move(*frame));
      frame = channel_->receive(0ms);
    }
  } catch (const Error& error) {
    lose(error);
  }
}

void Client::handle(const wire::Frame& frame) {
  switch (frame.type) {
    case FrameType::kCompleted:
      return complete(wire::decode<wire::Completed>(frame.payload));
    case FrameType::kData:
    case FrameType::kReadDone: {
      std::lock_guard lock(mutex_);
      if (reads_.empty()) fail(ErrorCode::kProtocol, "the server at ", address_, " answers a read that nobody asked");
      Pending read = reads_.front();
      reads_.pop_front();
      if (frame.type == FrameType::kData) {
        if (frame.payload.size() != read.size)
          fail(ErrorCode::kProtocol, "the server at ", address_, " sends ", frame.payload.size(), " bytes of ",
               read.size);
        std::memcpy(read.destination, frame.payload.data(), read.size);
      }
      ++reads_done_;
      return;
    }
    case FrameType::kFailed: {
      std::lock_guard lock(mutex_);
      if (!error_) error_ = wire::error_of(frame);
      return;
    }
    case FrameType::kEnd:
      return lose(Error(ErrorCode::kDeviceLost, concat("the server ends the session: ", wire::error_of(frame).what())));
    default:
      fail(ErrorCode::kProtocol, "the server at ", address_, " sends a ", wire::name_of(frame.type),
           " frame inside a session");
  }
}

void Client::complete(const wire::Completed& completed) {
  std::lock_guard lock(mutex_);
  for (int64_t nanoseconds : completed.events) {
    if (events_.empty()) fail(ErrorCode::kProtocol, "the server at ", address_, " stamps an event that was not sent");
    events_.front()->nanoseconds = nanoseconds;
    events_.pop_front();
  }
  reserved_ = completed.reserved;
  in_use_ = completed.in_use;
  limit_ = completed.limit;
  dispatches_ = completed.dispatches;
  completed_ = std::max<uint64_t>(completed_, completed.ticket);
  ++reports_;
}

void Client::lose(const Error& error) noexcept {
  std::lock_guard lock(mutex_);
  if (!lost_)
    lost_ = Error(ErrorCode::kDeviceLost,
                  concat("the connection to the server at ", address_, " is lost: ", error.what(),
                         "; call torch.lineshaft.reconnect() and reload the last checkpoint, or restart the program"));
}

void Client::expect_events(const CommandList& list) {
  std::lock_guard lock(mutex_);
  for (const Command& command : list.commands)
    if (command.kind == CommandKind::kEvent) events_.push_back(command.event);
}

void Client::expect_data(std::byte* destination, size_t size) {
  std::lock_guard lock(mutex_);
  reads_.push_back({destination, size});
}

std::optional<Error> Client::take_error() {
  std::lock_guard lock(mutex_);
  if (lost_) return lost_;
  return std::exchange(error_, std::nullopt);
}

std::optional<Error> Client::lost() {
  std::lock_guard lock(mutex_);
  return lost_;
}

}  // namespace lineshaft::remote
