#include "backends/remote/device.h"

#include <atomic>
#include <cstring>
#include <deque>

#include "backends/remote/client.h"
#include "commands/codec.h"
#include "stream/staging.h"

namespace lineshaft::remote {
namespace {

using wire::FrameType;
constexpr int64_t kInline = 4096;         // bytes of a read that travel inside the frame
constexpr int64_t kFramePiece = 1 << 20;  // of a read where there is no window
constexpr size_t kReadsInFlight = 2;

// The window is a part for reads, and staging for uploads.
class RemoteDevice final : public Device {
 public:
  RemoteDevice(const std::string& address, const DeviceProperties& properties)
      : properties_(properties),
        client_(address, properties),
        window_(client_.window()),
        read_area_(window_.subspan(0, window_.size() / 4 & ~size_t{4095})),
        staging_(window_.subspan(read_area_.size())) {
    encoder_.set_window(window_);
  }

  const DeviceProperties& properties() const override { return properties_; }
  uint64_t dispatches() const override { return client_.dispatches(); }
  Threads threads() const override { return Threads::kAny; }
  bool keeps_graphs() const override { return true; }
  Staging* staging() override { return window_.empty() ? nullptr : &staging_; }
  void submit(const CommandList& list, uint64_t ticket) override;
  uint64_t completed() const override;
  void wait(uint64_t ticket) override;
  void read(BufferId buffer, int64_t offset, void* destination, int64_t size) override;
  std::optional<Error> take_error() override { return client_.take_error(); }
  void trim() override;
  void limit_memory(int64_t) override {}  // the server has one, and tells it as the device's memory
  ExecutorMemory memory() const override { return client_.memory(); }
  int64_t limit() const override { return client_.limit(); }

 private:
  int64_t read_piece() const {
    return read_area_.empty() ? kFramePiece : static_cast<int64_t>(read_area_.size() / kReadsInFlight);
  }

  DeviceProperties properties_;
  mutable Client client_;
  std::span<std::byte> window_, read_area_;
  Staging staging_;
  Encoder encoder_;
  ByteWriter out_;
  std::atomic<uint64_t> submitted_{0};
};

void RemoteDevice::submit(const CommandList& list, uint64_t ticket) {
  client_.poll();
  submitted_ = ticket;
  try {
    out_.bytes.clear();
    out_.number(ticket);
    encoder_.encode(list, out_);
    client_.expect_events(list);
    client_.send(FrameType::kList, out_.bytes);
  } catch (const Error&) {  // lost: take_error says so at the next wait
  }
}

uint64_t RemoteDevice::completed() const {
  client_.poll();
  return client_.lost() ? submitted_.load() : client_.completed();  // nothing of a lost session runs on
}

void RemoteDevice::wait(uint64_t ticket) {
  client_.wait([&] { return client_.completed() >= ticket; });
}

void RemoteDevice::trim() {
  uint64_t before = client_.reports();  // all is done: what comes is the answer
  client_.send(FrameType::kTrim, {});
  client_.wait([&] { return client_.reports() > before; });
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
