#include "server/worker.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "lineshaft/device/fallback.h"
#include "lineshaft/device/registry.h"
#include "platform/child_process.h"
#include "platform/clock.h"
#include "platform/confine.h"
#include "platform/poll.h"
#include "platform/sandbox.h"
#include "platform/shared_word.h"
#include "platform/socket.h"
#include "server/session.h"
#include "server/session_page.h"
#include "transport/local_socket.h"
#include "transport/transport.h"

namespace lineshaft {
namespace {

constexpr auto kLastFrames = std::chrono::milliseconds(300);

void note(const Descriptor& control, WorkerNote kind, std::string_view text = {}) {
  std::string packet(1, static_cast<char>(kind));
  packet += text;
  send_packet(control, packet);
}

// The page's lease word is kIdle between uses, so that a guest without rivals never asks twice.
class PageLease final : public Lease {
 public:
  PageLease(SessionPage& page, const Descriptor& control) : page_(page), control_(control) {}

  void take() override {
    if (held_) return account();
    while (!taken()) {
      if (!std::exchange(asked_, true)) note(control_, WorkerNote::kWant);
      wait_while(page_.lease, LeaseState::kNone);
    }
    held_ = true;
    asked_ = false;
  }

  void give_back() override {
    if (!held_) return;
    held_ = false;
    account();
    page_.lease = LeaseState::kIdle;
    LeaseState idle = LeaseState::kIdle;
    if (page_.wanted.load() != LeaseWish::kNone && page_.lease.compare_exchange_strong(idle, LeaseState::kNone))
      note(control_, WorkerNote::kGiveBack);
  }

  void yield() override {
    held_ = false;
    asked_ = true;
    account();
    page_.lease = LeaseState::kNone;
    note(control_, WorkerNote::kYield);
  }

  bool contended() override { return held_ && page_.wanted.load() != LeaseWish::kNone; }

  bool wanted() override { return held_ && page_.wanted.load() == LeaseWish::kNow; }

 private:
  bool taken() {
    since_ = now_ns();
    LeaseState idle = LeaseState::kIdle, granted = LeaseState::kGranted;
    if (page_.lease.compare_exchange_strong(idle, LeaseState::kBusy)) return true;
    if (page_.lease.compare_exchange_strong(granted, LeaseState::kBusy)) {
      since_ = page_.granted_ns;  // nobody else has had it since
      return true;
    }
    LeaseState missed = LeaseState::kMissed;
    if (page_.lease.compare_exchange_strong(missed, LeaseState::kNone)) asked_ = false;
    return false;
  }

  // What has been used up to now: who streams without a pause is seen to use the device too.
  void account() {
    int64_t now = now_ns();
    page_.busy_ns += now - since_;
    since_ = now;
  }

  SessionPage& page_;
  const Descriptor& control_;
  bool held_ = false, asked_ = false;
  int64_t since_ = 0;
};

struct Orders {
  WorkerOrder order;
  std::vector<Descriptor> files;  // the session page, its guest's account, and what the guest brings
};

// What the broker sends: its size, with descriptors beside it, and then itself.
template <class Message>
std::optional<Message> receive(const Descriptor& control, std::vector<Descriptor>& files) {
  uint32_t size = 0;
  if (!receive_with_descriptors(control, std::as_writable_bytes(std::span(&size, 1)), files)) return std::nullopt;
  Bytes bytes(size);
  if (!receive_with_descriptors(control, bytes, files)) return std::nullopt;
  return wire::decode<Message>(bytes);
}

Orders receive_orders(const Descriptor& control) {
  Orders orders;
  auto order = receive<WorkerOrder>(control, orders.files);
  if (!order || orders.files.size() < 2)
    fail(ErrorCode::kInternal, "the broker sends no order; a worker is started by `lineshaft serve` only");
  orders.order = std::move(*order);
  return orders;
}

// Has the broker admit a guest whose keys say who it is, and bounds the devices by what that guest may have.
MemoryAccount introduce(WorkerOrder& order, const std::string& identity, const Descriptor& control) {
  note(control, WorkerNote::kIdentity, identity);
  std::vector<Descriptor> account;
  auto admission = receive<Admission>(control, account);
  if (!admission) fail(ErrorCode::kDeviceLost, "the server shuts down");
  if (!admission->refusal.empty()) fail(ErrorCode::kInvalidArgument, admission->refusal);
  for (wire::DeviceInfo& device : order.devices) device.memory = std::min(device.memory, admission->memory);
  return MemoryAccount(account.at(0), admission->account);
}

// Ends the session when the broker says so or is gone, and when the guest is: the session itself may be in the middle
// of an operation that takes for ever.
void watch(const Descriptor& control, wire::Channel& channel) {
  std::array<Polled, 2> files{{{control.get()}, {channel.watch_descriptor(), PollEvent::kHangUp}}};
  while (poll_descriptors(files, -1) == 0) {
  }
  if (!files[0].ready) {
    std::this_thread::sleep_for(kLastFrames);  // its last frames may say that it is done
    note(control, WorkerNote::kEnd, "the guest is gone in the middle of its work");
    std::_Exit(1);
  }
  end_in(2);  // a guest that reads nothing does not keep the worker
  try {
    channel.send(wire::FrameType::kEnd,
                 wire::Failure{static_cast<uint8_t>(ErrorCode::kDeviceLost), "the server shuts down"});
  } catch (const Error&) {  // the guest is gone too
  }
  channel.close();
  // The device may be in the middle of a long operation: nobody waits for it.
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  std::_Exit(0);
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

// Before a byte of the guest's is read.
void confine_early(const WorkerOrder& order, const Descriptor& control) {
  omp_get_max_threads();  // LLVM's OpenMP opens shared memory when it begins, which confinement refuses
  drop_privileges(order.user);
  end_with_parent();  // anew: giving privileges up clears it
  if (!confine_files({order.certificate, order.key, order.authority}))
    note(control, WorkerNote::kUnconfined, "the kernel has no Landlock, which confines files");
  enter_early_sandbox();
}

// Once the device is open.
void confine(int64_t quota, const Descriptor& control) {
  limit_resources(worker_memory(quota));
  enter_sandbox(control.get(), static_cast<char>(WorkerNote::kForbidden));
}

void serve_guest(Orders& orders, const Descriptor& control) {
  WorkerOrder& order = orders.order;
  if (order.sandbox) confine_early(order, control);
  Mapping memory(orders.files[0], sizeof(SessionPage));
  auto& page = *reinterpret_cast<SessionPage*>(memory.bytes().data());
  MemoryAccount account;
  if (order.proven) account = MemoryAccount(orders.files[1], order.account);
  orders.files.erase(orders.files.begin(), orders.files.begin() + (order.proven ? 2 : 1));
  Endpoint endpoint = parse_endpoint(order.scheme + ":");
  auto connection = endpoint.transport->adopt({{{}, order.peer}, order.scheme, std::move(orders.files)},
                                              {order.window, order.certificate, order.key, order.authority});
  std::string identity = connection->identity();
  // It lives until the process ends: the watching thread may be at it.
  wire::Channel& channel = *new wire::Channel(std::move(connection));
  auto closed = [](wire::Channel* ending) { ending->close(); };
  std::unique_ptr<wire::Channel, decltype(closed)> end(&channel, closed);
  if (!order.proven) {
    try {
      account = introduce(order, identity, control);
    } catch (const Error& error) {
      channel.send(wire::FrameType::kEnd, wire::Failure{static_cast<uint8_t>(error.code()), error.what()});
      throw;
    }
  }
  std::thread(watch, std::cref(control), std::ref(channel)).detach();
  PageLease lease(page, control);
  int64_t quota = 0;
  Session session(channel, {.number = order.session,
                            .release = order.release,
                            .devices = order.devices,
                            .open =
                                [&](int number) {
                                  auto device = open_listed(order, number);
                                  quota = order.devices[static_cast<size_t>(number)].memory;
                                  note(control, WorkerNote::kOpened, std::to_string(number));
                                  return device;
                                },
                            .opened =
                                [&] {
                                  if (order.sandbox) confine(quota, control);
                                },
                            .lease = &lease,
                            .slice_ns = order.slice_ns,
                            .page = &page,
                            .account = &account});
  session.run();
}

}  // namespace

int64_t worker_memory(int64_t quota) {
  constexpr int64_t kOwn = int64_t{1} << 30;  // frames, lists, programs, drivers
  int64_t allowed = Session::with_allowance(quota);
  return allowed > INT64_MAX - kOwn ? INT64_MAX : allowed + kOwn;
}

int run_worker(Descriptor control) {
  end_with_parent();
  forbid_new_privileges();
  ignore_interrupt();  // it is the broker's
  forbid_core_dumps();
  // A guest sees nothing of what this process says, and is lent the device, not the server's cores.
  set_fallback_mode(FallbackMode::kError);
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
  std::_Exit(status);
}

}  // namespace lineshaft
