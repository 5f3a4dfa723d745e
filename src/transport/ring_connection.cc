#include "transport/ring_connection.h"

#include <sched.h>

#include <atomic>
#include <thread>

#include "lineshaft/base/error.h"
#include "platform/spin.h"

namespace lineshaft {
namespace {

using namespace std::chrono_literals;
constexpr auto kRoomWait = 50us;  // between looks for room in a full ring: the peer is a megabyte behind

class RingConnection final : public Connection {
 public:
  RingConnection(std::span<std::byte> memory, Side side, std::unique_ptr<Doorbell> doorbell)
      : doorbell_(std::move(doorbell)), window_(memory.subspan(RingLayout::kLeast)) {
    auto* controls = reinterpret_cast<RingControl*>(memory.data());
    auto first = memory.subspan(RingLayout::kControl, RingLayout::kRing);
    auto second = memory.subspan(RingLayout::kControl + RingLayout::kRing, RingLayout::kRing);
    bool guest = side == Side::kGuest;
    writer_ = RingWriter(controls[guest ? 0 : 1], guest ? first : second);
    reader_ = RingReader(controls[guest ? 1 : 0], guest ? second : first);
  }

  void send(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      bool wake = false;
      size_t count = writer_.write(bytes, wake);
      if (wake) doorbell_->ring();
      bytes = bytes.subspan(count);
      if (bytes.empty()) return;
      if (closed_ || !doorbell_->alive()) lost();
      std::this_thread::sleep_for(kRoomWait);
    }
    if (closed_) lost();
  }

  size_t receive(std::span<std::byte> bytes, std::chrono::milliseconds timeout) override {
    size_t there_is = reader_.read(bytes);
    if (there_is || timeout == 0ms) return there_is;
    if (spin([&] { return !reader_.empty(); })) return reader_.read(bytes);
    reader_.set_sleeping(true);
    size_t count = reader_.read(bytes);
    if (count == 0) {
      bool there = !closed_ && doorbell_->wait(timeout);
      count = reader_.read(bytes);
      if (count == 0 && !there) lost();
    }
    reader_.set_sleeping(false);
    return count;
  }

  std::span<std::byte> window() override { return window_; }
  int watch_descriptor() const override { return doorbell_->watch_descriptor(); }

  void close() noexcept override {
    closed_ = true;
    doorbell_->close();
  }

 private:
  [[noreturn]] void lost() { fail(ErrorCode::kDeviceLost, "the other side has closed the connection"); }

  std::unique_ptr<Doorbell> doorbell_;
  std::span<std::byte> window_;
  RingWriter writer_;
  RingReader reader_;
  std::atomic<bool> closed_{false};
};

}  // namespace

std::unique_ptr<Connection> make_ring_connection(std::span<std::byte> memory, Side side,
                                                 std::unique_ptr<Doorbell> doorbell) {
  return std::make_unique<RingConnection>(memory, side, std::move(doorbell));
}

}  // namespace lineshaft
