#include "transport/vm_host.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "lineshaft/base/error.h"
#include "transport/local_socket.h"
#include "transport/ring_connection.h"
#include "transport/vm_doorbell.h"
#include "transport/vm_window.h"

namespace lineshaft {
namespace {

// What the broker tells a worker of its slot, over the lifeline.
struct SlotOrder {
  uint64_t offset = 0, size = 0;
};

Descriptor copy_of(const Descriptor& file) {
  Descriptor copy(::fcntl(file.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy) fail(ErrorCode::kOutOfMemory, "a descriptor cannot be copied: ", system_error());
  return copy;
}

// Keeps a connection to each port, hands a copy to the worker that serves it, and takes the port back when the worker
// is over: its end of the lifeline tells. The window is written with pwrite only, so that nothing done to the file can
// hurt the broker.
class VmListener final : public Listener {
 public:
  explicit VmListener(std::string path)
      : path_(std::move(path)),
        window_(open_window(path_)),
        events_(::epoll_create1(EPOLL_CLOEXEC)),
        timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
        slots_(window_.layout.slots) {
    LS_REQUIRE(port_socket(path_, window_.layout.slots).size() < 108, "the path ", path_,
               " is too long for the sockets beside it; the limit is 100 bytes");
    itimerspec every{{1, 0}, {0, 1}};
    if (!events_ || !timer_ || ::timerfd_settime(timer_.get(), 0, &every, nullptr) != 0)
      fail(ErrorCode::kOutOfMemory, "a timer cannot be made: ", system_error());
    watch(timer_, Watched::kTimer, 0);
    for (uint32_t slot = 0; slot < slots_.size(); ++slot) serve_nothing(slot);
    connect();
  }

  std::string address() const override { return "vm:" + path_; }
  int descriptor() const override { return events_.get(); }

  std::optional<Arrival> accept() override {
    epoll_event event;
    while (::epoll_wait(events_.get(), &event, 1, 0) == 1) {
      auto slot = static_cast<uint32_t>(event.data.u64);
      switch (static_cast<Watched>(event.data.u64 >> 32)) {
        case Watched::kTimer:
          connect();
          break;
        case Watched::kLifeline:
          take_back(slot);
          break;
        case Watched::kPort:
          if (!knocks(slot)) break;
          try {
            return arrival(slot);
          } catch (const Error&) {  // no descriptors are left: the guest sees its port closed
            slots_[slot] = {};
          }
          break;
      }
    }
    return std::nullopt;
  }

  void refuse(Arrival arrival, std::string_view reason) noexcept override {
    SlotOrder order;
    if (::recv(arrival.descriptors.at(2).get(), &order, sizeof order, MSG_DONTWAIT) != sizeof order) return;
    const uint64_t slot = order.offset;
    uint64_t claim = 0;
    char text[sizeof SlotControl::reason] = {};
    reason.copy(text, sizeof text - 1);
    [[maybe_unused]] bool done = read(slot + offsetof(SlotControl, claim), &claim, sizeof claim) &&
                                 write(slot + offsetof(SlotControl, reason), text, sizeof text) &&
                                 write(slot + offsetof(SlotControl, refuses), &claim, sizeof claim);
    ::send(arrival.descriptors[1].get(), &kRing, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

 private:
  enum class Watched : uint32_t { kTimer, kPort, kLifeline };
  struct Slot {
    Descriptor port, lifeline;  // a port with a lifeline is a worker's to read
  };

  void watch(const Descriptor& file, Watched what, uint32_t slot) {
    epoll_event event{EPOLLIN, {.u64 = uint64_t{static_cast<uint32_t>(what)} << 32 | slot}};
    if (::epoll_ctl(events_.get(), EPOLL_CTL_ADD, file.get(), &event) != 0)
      fail(ErrorCode::kOutOfMemory, "a port cannot be watched: ", system_error());
  }
  void unwatch(const Descriptor& file) { ::epoll_ctl(events_.get(), EPOLL_CTL_DEL, file.get(), nullptr); }

  bool read(uint64_t offset, void* bytes, size_t size) const {
    return ::pread(window_.file.get(), bytes, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
  }
  bool write(uint64_t offset, const void* bytes, size_t size) const {
    return ::pwrite(window_.file.get(), bytes, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
  }
  void serve_nothing(uint32_t slot) {
    uint64_t none = 0;
    write(window_.layout.offset(slot) + offsetof(SlotControl, serves), &none, sizeof none);
  }

  void connect() {
    uint64_t ticks;
    [[maybe_unused]] ssize_t got = ::read(timer_.get(), &ticks, sizeof ticks);
    for (uint32_t slot = 0; slot < slots_.size(); ++slot) {
      if (slots_[slot].port) continue;
      Descriptor port = try_connect_local(port_socket(path_, slot));
      if (!port) continue;
      watch(port, Watched::kPort, slot);
      slots_[slot].port = std::move(port);
    }
  }

  // The worker is over.
  void take_back(uint32_t number) {
    Slot& slot = slots_[number];
    unwatch(slot.lifeline);
    slot.lifeline.reset();
    serve_nothing(number);
    ::send(slot.port.get(), &kRing, 1, MSG_DONTWAIT | MSG_NOSIGNAL);  // a guest that waits looks
    watch(slot.port, Watched::kPort, number);
  }

  // Whether a new guest rings. The rings of one whose session is over are for nobody.
  bool knocks(uint32_t number) {
    Slot& slot = slots_[number];
    std::array<char, 64> bytes;
    ssize_t count = ::recv(slot.port.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count > 0) return std::memchr(bytes.data(), kKnock, static_cast<size_t>(count)) != nullptr;
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) slot.port.reset();  // QEMU is gone
    return false;
  }

  Arrival arrival(uint32_t number) {
    Slot& slot = slots_[number];
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      fail(ErrorCode::kOutOfMemory, "a socket cannot be made: ", system_error());
    slot.lifeline = Descriptor(ends[0]);
    Descriptor others(ends[1]);
    SlotOrder order{window_.layout.offset(number), window_.layout.slot_size};
    ::send(slot.lifeline.get(), &order, sizeof order, MSG_NOSIGNAL);
    unwatch(slot.port);
    watch(slot.lifeline, Watched::kLifeline, number);
    std::string name = window_name(path_);
    Arrival arrival{{concat("vm:", name), concat("virtual machine ", name, ", slot ", number)}, "vm", {}};
    arrival.descriptors.push_back(copy_of(window_.file));
    arrival.descriptors.push_back(copy_of(slot.port));
    arrival.descriptors.push_back(std::move(others));
    return arrival;
  }

  std::string path_;
  OpenWindow window_;
  Descriptor events_, timer_;
  std::vector<Slot> slots_;
};

}  // namespace

std::unique_ptr<Listener> listen_vm(const std::string& window) {
  return std::make_unique<VmListener>(window);
}

std::unique_ptr<Connection> adopt_vm(Arrival arrival) {
  std::vector<Descriptor>& files = arrival.descriptors;
  SlotOrder order;
  if (files.size() != 3 || ::recv(files[2].get(), &order, sizeof order, MSG_WAITALL) != sizeof order)
    fail(ErrorCode::kInternal, "the broker hands over no slot");
  Mapping slot(files[0], order.size, order.offset);
  auto& control = *reinterpret_cast<SlotControl*>(slot.bytes().data());
  uint64_t claim = control.claim.load();
  if (claim == 0) fail(ErrorCode::kDeviceLost, "the guest has left before the connection began");
  std::span<std::byte> rings = slot.bytes().subspan(SlotControl::kPage);
  std::memset(rings.data(), 0, RingLayout::kControl);
  Descriptor wake = copy_of(files[1]);
  auto bell = make_vm_server_doorbell(std::move(slot), std::move(files[1]), std::move(files[2]), claim);
  auto connection = make_ring_connection(rings, Side::kServer, std::move(bell));
  control.serves = claim;
  ::send(wake.get(), &kRing, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
  return connection;
}

}  // namespace lineshaft
