#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <thread>

#include "lineshaft/base/error.h"
#include "transport/vm_doorbell.h"
#include "transport/vm_window.h"

namespace lineshaft {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kGuestLook = 100ms;
constexpr auto kLate = 250ms;  // a look that took so long: this machine stalls, and the guest may too
constexpr int kStill = 3;      // looks without a beat of the guest until its port is tried
constexpr int kStuck = 30;  // looks at which QEMU has not taken what was written: the port is closed, or QEMU gets no
                            // time; a session that lives must not end because its host is busy
constexpr int kFew = 8;     // bytes unheard that wake the guest well enough
constexpr int kMost = 96;   // bytes unheard: the guest's kernel keeps 127

// Whether a guest that shows no sign of life has closed its port, judged at regular looks.
class Pulse {
 public:
  // True once the port is closed. `unheard`: bytes rung that the guest has not taken. Sets `ping` where a byte has to
  // be sent to find out.
  bool look(uint32_t beats, bool unread, bool timely, int unheard, bool& ping) {
    ping = false;
    if (beats != beats_) {
      beats_ = beats;
      still_ = stuck_ = since_ping_ = 0;
      return false;
    }
    if (timely) ++still_;
    if (still_ < kStill) return false;
    stuck_ = unread ? stuck_ + (timely ? 1 : 0) : 0;
    // A process that is stopped hears nothing: less and less often, so that its kernel has room for what comes.
    int pause = unheard <= kFew ? 1 : std::min(1 << std::min(unheard - kFew, 7), 100);
    if (!unread && unheard < kMost && ++since_ping_ >= pause) {
      ping = true;
      since_ping_ = 0;
    }
    return stuck_ >= kStuck;
  }

 private:
  uint32_t beats_ = 0;
  int still_ = 0, stuck_ = 0, since_ping_ = 0;
};

class ServerDoorbell final : public Doorbell {
 public:
  ServerDoorbell(Mapping slot, Descriptor port, Descriptor lifeline, uint64_t claim)
      : lifeline_(std::move(lifeline)),
        slot_(std::move(slot)),
        control_(*reinterpret_cast<SlotControl*>(slot_.bytes().data())),
        port_(std::move(port)),
        stop_(make_doorbell()),
        claim_(claim) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail(ErrorCode::kOutOfMemory, "a pipe cannot be made: ", system_error());
    there_ = Descriptor(ends[0]);
    holds_ = Descriptor(ends[1]);
    watching_ = std::thread([this] { watch(); });
  }

  ~ServerDoorbell() override {
    close();
    watching_.join();
  }

  void ring() noexcept override {
    if (unheard() < kFew) send();
  }

  bool wait(std::chrono::milliseconds timeout) override {
    std::array<pollfd, 2> files{{{port_.get(), POLLIN, 0}, {there_.get(), 0, 0}}};
    int ready = ::poll(files.data(), files.size(), static_cast<int>(timeout.count()));
    if (ready < 0) return errno == EINTR;
    if (files[1].revents) return false;
    if (files[0].revents) {
      char bytes[64];
      return ::recv(port_.get(), bytes, sizeof bytes, MSG_DONTWAIT) > 0 || errno == EAGAIN || errno == EINTR;
    }
    return true;
  }

  bool alive() override {
    pollfd file{there_.get(), 0, 0};
    return ::poll(&file, 1, 0) == 0;
  }

  // A pipe whose other end goes when the guest does.
  int watch_descriptor() const override { return there_.get(); }

  void close() noexcept override { ring_doorbell(stop_); }

 private:
  int unheard() const { return static_cast<int>(sent_.load() - control_.heard.load()); }

  void send() noexcept {
    if (::send(port_.get(), &kRing, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1) ++sent_;
  }

  // Until the guest is gone or the doorbell closes; then the pipe hangs up.
  void watch() {
    Pulse pulse;
    bool gone = false, ping = false;
    while (!gone) {
      auto begin = Clock::now();
      std::array<pollfd, 2> files{{{stop_.get(), POLLIN, 0}, {port_.get(), POLLRDHUP, 0}}};
      if (::poll(files.data(), files.size(), static_cast<int>(kGuestLook.count())) < 0 && errno != EINTR) break;
      if (files[0].revents || files[1].revents) break;
      if (control_.claim.load() != claim_) break;  // another process has the port
      int unread = 0;
      ::ioctl(port_.get(), SIOCOUTQ, &unread);
      gone = pulse.look(control_.beats.load(), unread > 0, Clock::now() - begin < kLate, unheard(), ping);
      if (ping) send();
    }
    holds_.reset();
  }

  Descriptor lifeline_;  // closes last
  Mapping slot_;
  SlotControl& control_;
  Descriptor port_, stop_, there_, holds_;
  uint64_t claim_;
  std::atomic<uint32_t> sent_{0};
  std::thread watching_;
};

}  // namespace

std::unique_ptr<Doorbell> make_vm_server_doorbell(Mapping slot, Descriptor port, Descriptor lifeline, uint64_t claim) {
  return std::make_unique<ServerDoorbell>(std::move(slot), std::move(port), std::move(lifeline), claim);
}

}  // namespace lineshaft
