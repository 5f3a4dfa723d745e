#include "backends/remote/device.h"

#include <atomic>
#include <cstring>
#include <deque>

#include "backends/remote/client.h"
#include "backends/remote/window_ring.h"
#include "stream/codec.h"

namespace lineshaft::remote {
namespace {

using wire::FrameType;
constexpr int64_t kInline = 4096;               // bytes of an upload or a read that travel inside the frame
constexpr int64_t kUploadPiece = 4 << 20;       // of a longer upload through the window: the server copies one while
                                                // the next is written
constexpr int64_t kFramePiece = 1 << 20;        // of an upload or a read where there is no window
constexpr size_t kListBytes = size_t{4} << 20;  // of uploads in one frame
constexpr size_t kReadsInFlight = 2;

class RemoteDevice final : public Device {
 public:
  RemoteDevice(const std::string& address, const DeviceProperties& properties)
      : properties_(properties),
        client_(address, properties.index),
        window_(client_.window()),
        read_area_(window_.subspan(0, window_.size() / 4 & ~size_t{4095})),
        upload_area_(window_.subspan(read_area_.size())),
        uploads_(upload_area_.size()) {
    encoder_.set_window(window_);
  }

  const DeviceProperties& properties() const override { return properties_; }
  void submit(const CommandList& list, uint64_t ticket) override;
  uint64_t completed() const override;
  void wait(uint64_t ticket) override;
  void read(BufferId buffer, int64_t offset, void* destination, int64_t size) override;
  std::optional<Error> take_error() override { return client_.take_error(); }
  void trim() override { client_.send(FrameType::kTrim, {}); }
  ExecutorMemory memory() const override { return client_.memory(); }

 private:
  void upload(const Command& command);
  std::span<std::byte> upload_room(int64_t bytes);
  void send_piece();
  int64_t read_piece() const {
    return read_area_.empty() ? kFramePiece : static_cast<int64_t>(read_area_.size() / kReadsInFlight);
  }

  DeviceProperties properties_;
  mutable Client client_;
  std::span<std::byte> window_, read_area_, upload_area_;
  WindowRing uploads_;
  Encoder encoder_;
  ByteWriter out_;
  CommandList piece_;              // commands of the list that is being submitted; their data lies elsewhere
  size_t piece_bytes_ = 0;         // of inline uploads
  uint64_t sent_ = 0;              // lists; a long one is sent as several
  std::atomic<uint64_t> last_{0};  // the last ticket submitted

  struct Submitted {
    uint64_t sent, ticket;
  };
  mutable std::mutex mutex_;
  mutable std::deque<Submitted> tickets_;  // not done
  mutable uint64_t completed_ = 0;
};

void RemoteDevice::submit(const CommandList& list, uint64_t ticket) {
  client_.poll();
  try {
    for (const Command& command : list.commands) {
      if (command.kind == CommandKind::kUpload && command.size > kInline)
        upload(command);
      else
        piece_.commands.push_back(command);
    }
    send_piece();
  } catch (const Error&) {  // lost: take_error says so at the next wait
    piece_.commands.clear();
  }
  std::lock_guard lock(mutex_);
  tickets_.push_back({sent_, ticket});
  last_ = ticket;
}

void RemoteDevice::upload(const Command& command) {
  int64_t most = window_.empty() ? kFramePiece : kUploadPiece;
  for (int64_t done = 0; done < command.size;) {
    Command part = command;
    part.size = std::min(command.size - done, most);
    part.offset = command.offset + done;
    part.data = command.data + done;
    if (!window_.empty()) {
      std::span<std::byte> room = upload_room(part.size);
      std::memcpy(room.data(), part.data, static_cast<size_t>(part.size));
      part.data = room.data();
    } else {
      piece_bytes_ += static_cast<size_t>(part.size);
    }
    piece_.commands.push_back(part);
    done += part.size;
    if (done < command.size || piece_bytes_ >= kListBytes) send_piece();
  }
}

std::span<std::byte> RemoteDevice::upload_room(int64_t bytes) {
  auto at = uploads_.allocate(static_cast<uint64_t>(bytes));
  if (!at) {
    send_piece();  // what waits for room includes what is not sent yet
    client_.wait([&] {
      uploads_.release(client_.completed());
      at = uploads_.allocate(static_cast<uint64_t>(bytes));
      return at.has_value();
    });
  }
  return upload_area_.subspan(*at, static_cast<size_t>(bytes));
}

void RemoteDevice::send_piece() {
  uint64_t number = sent_ + 1;
  out_.bytes.clear();
  out_.number(number);
  encoder_.encode(piece_, out_);
  client_.expect_events(piece_);
  piece_.commands.clear();
  piece_bytes_ = 0;
  uploads_.mark(number);
  uploads_.release(client_.completed());
  sent_ = number;
  client_.send(FrameType::kList, out_.bytes);
}

uint64_t RemoteDevice::completed() const {
  client_.poll();
  bool lost = client_.lost().has_value();
  uint64_t done = client_.completed();
  std::lock_guard lock(mutex_);
  while (!tickets_.empty() && (lost || tickets_.front().sent <= done)) {
    completed_ = tickets_.front().ticket;
    tickets_.pop_front();
  }
  return completed_;
}

void RemoteDevice::wait(uint64_t ticket) {
  uint64_t number = 0;
  {
    std::lock_guard lock(mutex_);
    for (const Submitted& each : tickets_)
      if (each.ticket <= ticket) number = each.sent;
  }
  client_.wait([&] { return client_.completed() >= number; });
}

void RemoteDevice::read(BufferId buffer, int64_t offset, void* destination, int64_t size) {
  auto* to = static_cast<std::byte*>(destination);
  bool direct = size <= kInline || window_.empty();
  int64_t most = direct ? kFramePiece : read_piece();
  struct Part {
    int64_t at, size;
    uint64_t place;
  };
  std::deque<Part> parts;
  uint64_t asked = client_.reads_done();
  int64_t next = 0;
  size_t half = 0;
  while (next < size || !parts.empty()) {
    if (next < size && parts.size() < kReadsInFlight) {
      Part part{next, std::min(most, size - next), wire::Read::kNoWindow};
      if (!direct) part.place = half * static_cast<uint64_t>(most);
      half = (half + 1) % kReadsInFlight;
      ByteWriter request;
      wire::encode(wire::Read{buffer.value, offset + part.at, part.size, part.place}, request);
      client_.expect_data(to + part.at, static_cast<size_t>(part.size));
      client_.send(FrameType::kRead, request.bytes);
      next += part.size;
      parts.push_back(part);
      continue;
    }
    Part part = parts.front();
    ++asked;
    client_.wait([&] { return client_.reads_done() >= asked; });
    if (!direct) std::memcpy(to + part.at, window_.data() + part.place, static_cast<size_t>(part.size));
    parts.pop_front();
  }
}

}  // namespace

std::unique_ptr<Device> make_device(const std::string& address, const DeviceProperties& properties) {
  return std::make_unique<RemoteDevice>(address, properties);
}

}  // namespace lineshaft::remote
