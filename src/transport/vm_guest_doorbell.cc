#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "transport/vm_doorbell.h"
#include "transport/vm_window.h"

namespace lineshaft {
namespace {

using namespace std::chrono_literals;
constexpr auto kBeat = 100ms;
constexpr auto kClaimLook = 500ms;  // at the longest between looks whether the server still serves this claim

class GuestDoorbell final : public Doorbell {
 public:
  GuestDoorbell(Mapping slot, Descriptor port, uint64_t claim)
      : slot_(std::move(slot)),
        control_(*reinterpret_cast<SlotControl*>(slot_.bytes().data())),
        port_(std::move(port)),
        stop_(make_doorbell()),
        claim_(claim),
        beating_([this] { beat(); }) {}

  ~GuestDoorbell() override {
    close();
    beating_.join();
  }

  void ring() noexcept override {
    [[maybe_unused]] ssize_t written = ::write(port_.get(), &kRing, 1);  // full means that it rings already
  }

  bool wait(std::chrono::milliseconds timeout) override {
    if (timeout < 0ms || timeout > kClaimLook) timeout = kClaimLook;
    std::array<pollfd, 2> files{{{port_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
    int ready = ::poll(files.data(), files.size(), static_cast<int>(timeout.count()));
    if (ready < 0) return errno == EINTR;
    if (files[1].revents) return false;
    if (files[0].revents & POLLIN) {
      char bytes[64];
      ssize_t count = ::read(port_.get(), bytes, sizeof bytes);
      if (count == 0) return false;  // the host has closed its end
      if (count > 0) control_.heard += static_cast<uint32_t>(count);
    }
    return (files[0].revents & POLLHUP) == 0 && served();
  }

  bool alive() override {
    pollfd file{port_.get(), 0, 0};
    ::poll(&file, 1, 0);
    return file.revents == 0 && served();
  }

  void close() noexcept override {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    closing_.notify_all();
    ring_doorbell(stop_);
  }

 private:
  bool served() const { return control_.serves.load() == claim_; }

  void beat() {
    std::unique_lock lock(mutex_);
    while (!closing_.wait_for(lock, kBeat, [this] { return closed_; })) ++control_.beats;
  }

  Mapping slot_;
  SlotControl& control_;
  Descriptor port_, stop_;
  uint64_t claim_;
  std::mutex mutex_;
  std::condition_variable closing_;
  bool closed_ = false;
  std::thread beating_;
};

}  // namespace

std::unique_ptr<Doorbell> make_vm_guest_doorbell(Mapping slot, Descriptor port, uint64_t claim) {
  return std::make_unique<GuestDoorbell>(std::move(slot), std::move(port), claim);
}

}  // namespace lineshaft
