#include "server/worker.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <thread>

#include "device/registry.h"
#include "server/sandbox.h"
#include "server/session.h"
#include "server/session_page.h"
#include "transport/local_socket.h"
#include "transport/transport.h"

namespace lineshaft {
namespace {

int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

void note(const Descriptor& control, WorkerNote kind, std::string_view text = {}) {
  std::string packet(1, static_cast<char>(kind));
  packet += text;
  ::send(control.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
}

// The page's lease word is kIdle between uses, so that a guest without rivals never asks twice.
class PageLease final : public Lease {
 public:
  PageLease(SessionPage& page, const Descriptor& control) : page_(page), control_(control) {}

  void take() override {
    if (held_) return;
    LeaseState idle = LeaseState::kIdle;
    if (!page_.lease.compare_exchange_strong(idle, LeaseState::kBusy)) {
      note(control_, WorkerNote::kWant);
      while (page_.lease.load() != LeaseState::kBusy) wait_while(page_.lease, LeaseState::kNone);
    }
    held_ = true;
    since_ = now_ns();
  }

  void give_back() override {
    if (!held_) return;
    held_ = false;
    page_.busy_ns += now_ns() - since_;
    page_.lease = LeaseState::kIdle;
    LeaseState idle = LeaseState::kIdle;
    if (page_.wanted.load() != LeaseWish::kNone && page_.lease.compare_exchange_strong(idle, LeaseState::kNone))
      note(control_, WorkerNote::kGiveBack);
  }

  bool wanted() override { return held_ && page_.wanted.load() == LeaseWish::kNow; }

 private:
  SessionPage& page_;
  const Descriptor& control_;
  bool held_ = false;
  int64_t since_ = 0;
};

struct Orders {
  WorkerOrder order;
  std::vector<Descriptor> files;  // the session page, then the guest's
};

Orders receive_orders(const Descriptor& control) {
  Orders orders;
  uint32_t size = 0;
  bool whole = receive_with_descriptors(control, std::as_writable_bytes(std::span(&size, 1)), orders.files);
  Bytes bytes(whole ? size : 0);
  if (!whole || !receive_with_descriptors(control, bytes, orders.files) || orders.files.empty())
    fail(ErrorCode::kInternal, "the broker sends no order; a worker is started by `lineshaft serve` only");
  orders.order = wire::decode<WorkerOrder>(bytes);
  return orders;
}

// Has the broker admit a guest whose keys say who it is, and bounds the devices by what that guest may have.
void introduce(WorkerOrder& order, const std::string& identity, const Descriptor& control) {
  note(control, WorkerNote::kIdentity, identity);
  Bytes answer(wire::kMaxText + 64);
  ssize_t size = -1;
  while (size < 0) {
    size = ::recv(control.get(), answer.data(), answer.size(), 0);
    if (size < 0 && errno != EINTR) break;
  }
  if (size <= 0) fail(ErrorCode::kDeviceLost, "the server shuts down");
  answer.resize(static_cast<size_t>(size));
  auto admission = wire::decode<Admission>(answer);
  if (!admission.refusal.empty()) fail(ErrorCode::kInvalidArgument, admission.refusal);
  for (wire::DeviceInfo& device : order.devices) device.memory = std::min(device.memory, admission.memory);
}

// Ends the session when the broker says so or is gone.
void watch(const Descriptor& control, wire::Channel& channel) {
  char byte;
  while (::recv(control.get(), &byte, 1, 0) < 0 && errno == EINTR) {
  }
  ::alarm(2);  // a guest that reads nothing does not keep the worker
  try {
    channel.send(wire::FrameType::kEnd,
                 wire::Failure{static_cast<uint8_t>(ErrorCode::kDeviceLost), "the server shuts down"});
  } catch (const Error&) {  // the guest is gone too
  }
  channel.close();
  // The device may be in the middle of a long operation: nobody waits for it.
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  ::_exit(0);
}

std::unique_ptr<Device> open_listed(const WorkerOrder& order, int number) {
  const std::string& id = order.ids.at(static_cast<size_t>(number));
  for (const auto& backend : backends()) {
    if (!id.starts_with(backend->name() + ":")) continue;
    std::vector<Finding> ignored;
    backend->enumerate(ignored);
    return backend->open(std::stoi(id.substr(backend->name().size() + 1)));
  }
  fail(ErrorCode::kInternal, "no backend has the device ", id);
}

void serve_guest(Orders& orders, const Descriptor& control) {
  WorkerOrder& order = orders.order;
  Mapping memory(orders.files[0], sizeof(SessionPage));
  auto& page = *reinterpret_cast<SessionPage*>(memory.bytes().data());
  orders.files.erase(orders.files.begin());
  Endpoint endpoint = parse_endpoint(order.scheme + ":");
  auto connection = endpoint.transport->adopt({{{}, order.peer}, order.scheme, std::move(orders.files)},
                                              {order.window, order.certificate, order.key, order.authority});
  std::string identity = connection->identity();
  wire::Channel channel(std::move(connection));
  if (!order.proven) {
    try {
      introduce(order, identity, control);
    } catch (const Error& error) {
      channel.send(wire::FrameType::kEnd, wire::Failure{static_cast<uint8_t>(error.code()), error.what()});
      throw;
    }
  }
  std::thread(watch, std::cref(control), std::ref(channel)).detach();
  PageLease lease(page, control);
  Session session(channel, {.number = order.session,
                            .release = order.release,
                            .devices = order.devices,
                            .open =
                                [&](int number) {
                                  auto device = open_listed(order, number);
                                  note(control, WorkerNote::kOpened, std::to_string(number));
                                  return device;
                                },
                            .opened =
                                [&] {
                                  if (order.sandbox) enter_sandbox();
                                },
                            .lease = &lease,
                            .page = &page});
  session.run();
}

}  // namespace

int run_worker(Descriptor control) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  std::signal(SIGINT, SIG_IGN);  // the terminal's Ctrl-C is the broker's
  rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  int status = 0;
  try {
    Orders orders = receive_orders(control);
    serve_guest(orders, control);
    note(control, WorkerNote::kEnd, "the guest is done");
  } catch (const std::exception& error) {
    note(control, WorkerNote::kEnd, error.what());
    status = 1;
  }
  // No destructors of device libraries inside the sandbox: the process is the session, and it is over.
  ::_exit(status);
}

}  // namespace lineshaft
