// Both ends of a virtual machine's window on one machine: a Unix socket stands where QEMU passes a port's bytes on.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <thread>

#include "lineshaft/base/error.h"
#include "transport/local_socket.h"
#include "transport/transport.h"
#include "transport/vm_guest.h"
#include "transport/vm_window.h"

namespace lineshaft {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
constexpr uint64_t kMiB = uint64_t{1} << 20;

bool happens(std::chrono::milliseconds within, const std::function<bool()>& condition) {
  auto deadline = Clock::now() + within;
  while (!condition())
    if (Clock::now() > deadline)
      return false;
    else
      std::this_thread::sleep_for(5ms);
  return true;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string receive(Connection& connection, size_t size) {
  std::string text(size, 0);
  size_t done = 0;
  while (done < size) done += connection.receive(std::as_writable_bytes(std::span(text)).subspan(done), 2000ms);
  return text;
}

class VmSlot : public testing::Test {
 protected:
  VmSlot() {
    std::filesystem::create_directories(folder_);
    layout_ = create_window(path_, 32 * kMiB, 2);
    for (uint32_t slot = 0; slot < 2; ++slot) qemu_[slot] = listen_local(port_socket(path_, slot), 0600, "");
    window_ = open_file();
    Endpoint endpoint = parse_endpoint("vm:" + path_);
    transport_ = endpoint.transport;
    listener_ = transport_->listen(endpoint.address, {});
    for (uint32_t slot = 0; slot < 2; ++slot) port_[slot] = accept_port(slot);
  }
  ~VmSlot() override { std::filesystem::remove_all(folder_); }

  Descriptor open_file() const { return Descriptor(::open(path_.c_str(), O_RDWR)); }
  Descriptor accept_port(uint32_t slot) {
    EXPECT_TRUE(happens(2s, [&] {
      pollfd file{qemu_[slot].get(), POLLIN, 0};
      return ::poll(&file, 1, 0) == 1;
    }));
    return Descriptor(::accept4(qemu_[slot].get(), nullptr, nullptr, SOCK_NONBLOCK));
  }
  Mapping map_slot(uint32_t slot) const { return Mapping(window_, layout_.slot_size, layout_.offset(slot)); }
  std::optional<Arrival> arrival(std::chrono::milliseconds within = 2s) {
    std::optional<Arrival> found;
    happens(within, [&] { return (found = listener_->accept()).has_value(); });
    return found;
  }
  // A process of the guest that takes a slot while this thread is the server.
  std::unique_ptr<Connection> claim(uint32_t slot, std::string* error = nullptr) {
    std::unique_ptr<Connection> guest;
    std::atomic<bool> done = false;
    std::thread process([&] {
      try {
        guest = claim_slot(map_slot(slot), Descriptor(::dup(port_[slot].get())));
      } catch (const Error& problem) {
        if (error) *error = problem.what();
      }
      done = true;
    });
    while (!done)
      if (auto found = listener_->accept())
        welcome(std::move(*found));
      else
        std::this_thread::sleep_for(1ms);
    process.join();
    return guest;
  }
  virtual void welcome(Arrival found) {
    identity_ = found.peer.identity;
    if (refusal_.empty())
      server_ = transport_->adopt(std::move(found), {});
    else
      listener_->refuse(std::move(found), refusal_);
  }

  std::string folder_ = testing::TempDir() + "vm_slot_" + std::to_string(::getpid());
  std::string path_ = folder_ + "/builder.window", identity_, refusal_;
  WindowLayout layout_;
  Descriptor window_, qemu_[2], port_[2];
  Transport* transport_ = nullptr;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Connection> server_;
};

TEST_F(VmSlot, CarriesBytesBothWaysAndSharesTheWindow) {
  auto guest = claim(1);
  ASSERT_TRUE(guest);
  EXPECT_EQ(identity_, "vm:builder");
  EXPECT_EQ(guest->window().size(), server_->window().size());
  EXPECT_GT(guest->window().size(), 11 * kMiB);
  std::memcpy(guest->window().data(), "bulk", 4);
  EXPECT_EQ(std::memcmp(server_->window().data(), "bulk", 4), 0);
  guest->send(bytes_of("to the server"));
  EXPECT_EQ(receive(*server_, 13), "to the server");
  server_->send(bytes_of("to the guest"));
  EXPECT_EQ(receive(*guest, 12), "to the guest");
  std::thread sleeps([&] { EXPECT_EQ(receive(*guest, 4), "wake"); });
  std::this_thread::sleep_for(20ms);
  server_->send(bytes_of("wake"));
  sleeps.join();
}

TEST_F(VmSlot, IsTakenAgainAfterASessionEnds) {
  for (int session = 0; session < 3; ++session) {
    auto guest = claim(0);
    ASSERT_TRUE(guest) << session;
    guest->send(bytes_of("hello"));
    EXPECT_EQ(receive(*server_, 5), "hello");
    if (session == 1) {  // the server ends it
      server_.reset();
      EXPECT_TRUE(happens(2s, [&] { return listener_->accept(), true; }));
      EXPECT_THROW(receive(*guest, 1), Error);
    } else {
      guest.reset();
      server_.reset();
    }
  }
}

// The next process of the guest opens the port before the server has noticed that the last one died.
TEST_F(VmSlot, YieldsToANewProcess) {
  auto first = claim(0);
  auto old = std::move(server_);
  std::thread worker([&] {
    EXPECT_THROW(receive(*old, 1), Error);
    old.reset();
  });
  auto second = claim(0);
  worker.join();
  ASSERT_TRUE(second);
  second->send(bytes_of("again"));
  EXPECT_EQ(receive(*server_, 5), "again");
}

TEST_F(VmSlot, TellsTheGuestWhyItIsRefused) {
  refusal_ = "vm:builder has 1 sessions; its limit is 1";
  std::string error;
  EXPECT_FALSE(claim(0, &error));
  EXPECT_EQ(error, "the server refuses: " + refusal_);
  refusal_.clear();
  EXPECT_TRUE(claim(0));
}

TEST_F(VmSlot, EndsWhenQemuGoes) {
  auto guest = claim(0);
  port_[0].reset();
  guest.reset();  // its copy of the port
  EXPECT_THROW(receive(*server_, 1), Error);
  server_.reset();
  listener_->accept();
  qemu_[0].reset();
  qemu_[0] = listen_local(port_socket(path_, 0), 0600, "");  // the machine starts anew
  happens(3s, [&] {
    listener_->accept();
    pollfd file{qemu_[0].get(), POLLIN, 0};
    return ::poll(&file, 1, 0) == 1;
  });
  port_[0] = accept_port(0);
  EXPECT_TRUE(claim(0));
}

// The guest's kernel takes a port's bytes as long as a process has the port open; QEMU's socket is read until then.
TEST_F(VmSlot, NoticesAProcessThatDiesButKeepsOneThatIsStopped) {
  Mapping slot = map_slot(0);
  auto& control = *reinterpret_cast<SlotControl*>(slot.bytes().data());
  control.claim = 7;
  ASSERT_EQ(::write(port_[0].get(), &kKnock, 1), 1);
  auto found = arrival();
  ASSERT_TRUE(found);
  server_ = transport_->adopt(std::move(*found), {});
  EXPECT_EQ(control.serves.load(), 7u);
  std::atomic<bool> open = true;
  std::atomic<int> taken = 0;
  std::thread kernel([&] {
    char byte;
    while (open) {
      if (::read(port_[0].get(), &byte, 1) == 1)
        ++taken;
      else
        std::this_thread::sleep_for(5ms);
    }
  });
  std::byte byte;
  auto end = Clock::now() + 3s;
  while (Clock::now() < end) EXPECT_EQ(server_->receive(std::span(&byte, 1), 100ms), 0u);
  EXPECT_GT(taken, 4);
  EXPECT_LT(taken, 40);
  open = false;
  kernel.join();
  auto begin = Clock::now();
  EXPECT_THROW(while (true) server_->receive(std::span(&byte, 1), -1ms), Error);
  EXPECT_LT(Clock::now() - begin, 8s);
}

}  // namespace
}  // namespace lineshaft
