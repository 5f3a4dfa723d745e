#include "server/broker.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/printable.h"
#include "platform/child_process.h"
#include "platform/clock.h"
#include "platform/poll.h"
#include "platform/sandbox.h"
#include "platform/shared_word.h"
#include "platform/socket.h"
#include "server/worker.h"
#include "transport/local_socket.h"

namespace lineshaft {
namespace {

constexpr const char* kUnproven = "unproven";  // guests that did not show who they are are counted together
constexpr int kHandshakes = 64;                // at once of one address, whose guests are not known yet

constexpr int kLastWords = 16;
constexpr int64_t kRest = 1'000'000'000;  // without descriptors: until somebody tries again

template <class Message>
void send_order(const Descriptor& control, const Message& message, const std::vector<int>& files) {
  ByteWriter bytes;
  wire::encode(message, bytes);
  auto size = static_cast<uint32_t>(bytes.bytes.size());
  send_with_descriptors(control, std::as_bytes(std::span(&size, 1)), files);
  send_with_descriptors(control, bytes.bytes, {});
}

wire::DeviceInfo info_of(const DeviceProperties& device, int64_t quota) {
  wire::DeviceInfo info;
  info.name = device.name;
  info.driver = device.driver;
  info.device_class = static_cast<uint8_t>(device.device_class);
  info.uuid.assign(reinterpret_cast<const char*>(device.uuid.data()), device.uuid.size());
  info.memory = std::min(device.memory, quota);
  info.threads = device.threads;
  info.features = device.features;
  info.max_views = device.fusion.max_views;
  info.max_instructions = device.fusion.max_instructions;
  return info;
}

}  // namespace

struct Broker::Session {
  uint64_t number = 0;
  Peer peer;
  GuestPolicy policy;
  bool proven = true;     // false until the guest's keys say who it is
  bool answered = false;  // whether it may come in
  AccountSlot account;
  Descriptor control;
  ChildProcess process;
  int device = -1;
  int64_t started = 0;
  std::string reason;  // why it is over, in the worker's words
  Mapping memory;
  SessionPage& page() const { return *reinterpret_cast<SessionPage*>(memory.bytes().data()); }
};

Broker::Broker(ServeOptions options) : options_(std::move(options)), stop_(make_doorbell()) {
  set_guests(std::move(options_.guests));
  busy_.resize(options_.devices.size());
  for (Descriptor& socket : options_.sockets) listeners_.push_back(listen_inherited(std::move(socket)));
  for (const std::string& address : options_.addresses) {
    if (std::ranges::any_of(listeners_, [&](const auto& each) { return each->address() == address; })) continue;
    Endpoint endpoint = parse_endpoint(address);
    listeners_.push_back(endpoint.transport->listen(endpoint.address, options_.listen));
  }
  for (const auto& listener : listeners_) addresses_.push_back(listener->address());
  for (size_t i = 0; i < options_.devices.size(); ++i) leases_.emplace_back(options_.slice_ns);
  if (!options_.cgroups) return;
  cgroups_ = std::make_unique<Cgroups>(*options_.cgroups);
  if (!cgroups_->problem().empty() && options_.log)
    options_.log(concat("workers have no control groups of their own: ", cgroups_->problem()));
}

Broker::~Broker() = default;

void Broker::stop() noexcept {
  ring_doorbell(stop_);
}

void Broker::run() {
  while (!stopping_) poll_once();
  listeners_.clear();
  for (auto& [number, session] : sessions_) hang_up(session->control);  // the worker's word to end
  int64_t deadline = now_ns() + 3'000'000'000;
  while (!sessions_.empty() && now_ns() < deadline) poll_once();
  for (auto& [number, session] : sessions_) session->process.kill();
  while (!sessions_.empty()) poll_once();
}

int Broker::next_timeout() const {
  int64_t next = stopping_ ? now_ns() + 100'000'000 : INT64_MAX;
  for (const LeaseScheduler& lease : leases_) {
    if (auto deadline = lease.deadline()) next = std::min(next, *deadline);
    if (lease.due_since()) next = std::min(next, now_ns() + 100'000'000);  // that it hangs is left to watch for
  }
  if (resting_until_ > now_ns()) next = std::min(next, resting_until_);
  if (next == INT64_MAX) return -1;
  return static_cast<int>(std::clamp<int64_t>((next - now_ns() + 999'999) / 1'000'000, 0, 1000));
}

void Broker::poll_once() {
  std::vector<Polled> files = {{stopping_ ? -1 : stop_.get()}};
  bool rests = resting_until_ > now_ns();
  for (const auto& listener : listeners_) files.push_back({rests ? -1 : listener->descriptor()});
  std::vector<uint64_t> numbers;
  for (const auto& [number, session] : sessions_) {
    numbers.push_back(number);
    files.push_back({stopping_ ? -1 : session->control.get()});
    files.push_back({session->process.over().get()});
  }
  if (poll_descriptors(files, next_timeout()) < 0) fail(ErrorCode::kInternal, "poll fails: ", system_error());
  std::lock_guard lock(mutex_);
  if (files[0].ready) stopping_ = true;
  size_t listening = listeners_.size();
  for (size_t i = 0; i < listening && !stopping_; ++i)
    if (files[1 + i].ready) welcome(*listeners_[i]);
  for (size_t i = 0; i < numbers.size(); ++i) {
    Session& session = *sessions_.at(numbers[i]);
    if (files[1 + listening + 2 * i].ready) hear(session);
    if (files[2 + listening + 2 * i].ready) end(session);
  }
  for (size_t device = 0; device < leases_.size(); ++device) schedule(static_cast<int>(device));
}

void Broker::set_guests(std::vector<GuestPolicy> guests) {
  if (guests.empty() || guests.back().identity != "*") guests.emplace_back();
  std::lock_guard lock(mutex_);
  options_.guests = std::move(guests);
}

const GuestPolicy& Broker::policy_of(const std::string& identity) const {
  return *std::ranges::find_if(options_.guests, [&](const GuestPolicy& policy) {
    return policy.identity == "*" || policy.identity == identity;
  });
}

// Why one more session is too many; empty where it is not.
std::string Broker::refusal_of(const std::string& identity, int limit) const {
  auto count =
      std::ranges::count_if(sessions_, [&](const auto& each) { return each.second->peer.identity == identity; });
  limit = std::min<int>(limit, AccountPage::kSlots);
  return count < limit ? "" : concat(identity, " has ", count, " sessions; its limit is ", limit);
}

// The worker says who its guest is: what is granted follows from that.
void Broker::admit(Session& session, const std::string& identity) {
  if (session.proven || std::exchange(session.answered, true)) return;
  bool good = identity.starts_with("cert:") && identity.size() <= 80;
  Admission admission{good ? refusal_of(identity, policy_of(identity).sessions) : "the guest's name is not one", 0};
  if (admission.refusal.empty()) {
    session.proven = true;
    session.peer = {identity, concat(identity, " at ", session.peer.text)};
    session.policy = policy_of(identity);
    ++totals_of(identity).served;
    session.account = account_of(identity);
    if (std::string problem = limit(session); !problem.empty()) log(session, problem);
    admission.memory = session.policy.memory;
    admission.account = session.account.number();
    return send_order(session.control, admission, {session.account.file().get()});
  }
  send_order(session.control, admission, {});
}

// The worker's part of the host's memory and processor. Returns what could not be limited.
std::string Broker::limit(const Session& session) {
  if (!cgroups_) return "";
  int64_t memory = session.proven ? worker_memory(session.policy.memory) : INT64_MAX;
  auto window = static_cast<int64_t>(options_.window);
  return cgroups_->limit(session.number, {.memory = memory > INT64_MAX - window ? INT64_MAX : memory + window,
                                          .weight = session.policy.weight});
}

// A place in the account of the guest's memory.
AccountSlot Broker::account_of(const std::string& identity) {
  std::erase_if(accounts_, [](const auto& each) { return each.second.expired(); });
  auto account = accounts_[identity].lock();
  if (!account) accounts_[identity] = account = std::make_shared<SharedAccount>();
  return {account, account->take().value()};
}

// Without descriptors nobody can be let in or turned away, and a listener stays readable: it is looked at again when a
// session has ended or some time has passed.
std::optional<Arrival> Broker::accept(Listener& listener) {
  try {
    auto arrival = listener.accept();
    if (arrival) short_ = false;
    return arrival;
  } catch (const Error& error) {
    resting_until_ = now_ns() + kRest;
    if (!std::exchange(short_, true) && options_.log)
      options_.log(
          concat("guests wait at ", listener.address(), ", with ", sessions_.size(), " sessions open: ", error.what()));
    return std::nullopt;
  }
}

void Broker::welcome(Listener& listener) {
  auto arrival = accept(listener);
  if (!arrival) return;
  const GuestPolicy& policy = policy_of(arrival->peer.identity);
  std::string peer = arrival->peer.text, reason = arrival->refusal;
  std::string identity = arrival->proven ? arrival->peer.identity : kUnproven;
  if (reason.empty()) reason = refusal_of(arrival->peer.identity, arrival->proven ? policy.sessions : kHandshakes);
  try {
    if (reason.empty()) return start(*arrival, policy);
  } catch (const Error& error) {
    reason = error.what();
  }
  ++refused_;
  ++totals_of(identity).refused;
  if (options_.log) options_.log(concat(peer, " is refused: ", reason));
  listener.refuse(std::move(*arrival), reason);
}

void Broker::start(const Arrival& arrival, const GuestPolicy& policy) {
  auto session = std::make_unique<Session>();
  session->number = next_;
  session->peer = arrival.peer;
  session->policy = policy;
  session->proven = arrival.proven;
  session->started = now_ns();
  if (session->proven) session->account = account_of(arrival.peer.identity);
  Descriptor page = make_shared_memory("lineshaft session", sizeof(SessionPage));
  session->memory = Mapping(page, sizeof(SessionPage));

  WorkerOrder order{.session = session->number,
                    .scheme = arrival.transport,
                    .peer = arrival.peer.text,
                    .release = options_.release,
                    .window = options_.window,
                    .proven = arrival.proven,
                    .certificate = options_.listen.certificate,
                    .key = options_.listen.key,
                    .authority = options_.listen.authority,
                    .sandbox = options_.sandbox,
                    .user = options_.user,
                    .account = session->account.number(),
                    .slice_ns = options_.slice_ns};
  for (const DeviceProperties& device : options_.devices) {
    order.devices.push_back(info_of(device, arrival.proven ? policy.memory : INT64_MAX));
    order.ids.push_back(device.id());
  }
  StartedChild worker = start_child("the worker", options_.worker);
  session->control = std::move(worker.control);
  session->process = std::move(worker.process);
  std::string problem = limit(*session);
  if (problem.empty() && cgroups_) problem = cgroups_->enter(session->number, session->process.number());
  if (!problem.empty()) log(*session, problem);
  std::vector<int> files = {page.get()};
  if (session->proven) files.push_back(session->account.file().get());
  for (const Descriptor& file : arrival.descriptors) files.push_back(file.get());
  send_order(session->control, order, files);
  ++next_;
  if (session->proven) ++totals_of(session->peer.identity).served;
  sessions_.emplace(session->number, std::move(session));
}

bool Broker::hear(Session& session) {
  std::array<char, 4096> packet;
  size_t size = receive_now(session.control, packet).bytes;
  if (size == 0) return false;  // its end is told by its process
  // A worker's words may be its guest's: they stay on their line of the log.
  obey(session, packet[0], printable({packet.data() + 1, size - 1}));
  return true;
}

void Broker::obey(Session& session, char note, const std::string& text) {
  switch (static_cast<WorkerNote>(note)) {
    case WorkerNote::kOpened: {
      int device = std::atoi(text.c_str());
      if (device < 0 || device >= static_cast<int>(leases_.size()) || session.device >= 0 || !session.proven) return;
      session.device = device;
      leases_[device].add(session.number, session.peer.identity, session.policy.weight);
      return log(session, concat("opens ", options_.devices[device].id()));
    }
    case WorkerNote::kWant:
      return want(session);
    case WorkerNote::kYield:
      give_back(session);
      return want(session);
    case WorkerNote::kGiveBack:
      return give_back(session);
    case WorkerNote::kEnd:
      session.reason = text;
      return;
    case WorkerNote::kIdentity:
      return admit(session, text);
    case WorkerNote::kForbidden:
      session.reason = concat("its worker makes the system call ", system_call_name(std::atoi(text.c_str())),
                              ", which its sandbox forbids");
      return;
    case WorkerNote::kUnconfined:
      if (!std::exchange(unconfined_, true) && options_.log)
        options_.log(concat("workers see the user's files: ", text));
      return;
  }
}

void Broker::want(Session& session) {
  if (session.device >= 0) leases_[session.device].want(session.number, now_ns());
}

void Broker::give_back(Session& session) {
  if (session.device >= 0) leases_[session.device].give_back(session.number, now_ns());
}

void Broker::end(Session& session) {
  for (int i = 0; i < kLastWords && hear(session); ++i) {
  }
  ProcessEnd ended = session.process.wait();
  if (session.device >= 0) leases_[session.device].remove(session.number, now_ns());
  bool well = ended.well();
  if (!well) ++(session.proven ? failed_ : refused_);
  GuestTotals& totals = totals_of(session.proven ? session.peer.identity : kUnproven);
  if (!well) ++(session.proven ? totals.failed : totals.refused);
  totals.add(status_of(session));
  if (session.device >= 0) busy_[session.device] += static_cast<double>(session.page().busy_ns) * 1e-9;
  std::string reason = session.reason;
  if (reason.empty() && ended.signal != 0) reason = concat("its worker was ended by signal ", ended.signal);
  if (session.device >= 0 || !well) log(session, concat("ends: ", reason));
  if (cgroups_) cgroups_->remove(session.number);
  sessions_.erase(session.number);
  resting_until_ = 0;
}

void Broker::schedule(int device) {
  LeaseScheduler& lease = leases_[static_cast<size_t>(device)];
  int64_t now = now_ns();
  if (auto holder = lease.holder(); holder && lease.contended()) {
    Session& session = *sessions_.at(*holder);
    bool over = lease.due(now);
    session.page().wanted = over ? LeaseWish::kNow : LeaseWish::kWhenIdle;
    LeaseState idle = LeaseState::kIdle, granted = LeaseState::kGranted;
    if (session.page().lease.compare_exchange_strong(idle, LeaseState::kNone) ||
        (over && session.page().lease.compare_exchange_strong(granted, LeaseState::kMissed))) {
      give_back(session);
    } else if (over && now - *lease.due_since() > options_.hang_ns) {
      log(session, concat("is ended: it keeps ", options_.devices[device].id(), " for ",
                          (now - lease.granted_at()) / 1'000'000'000, " s while others wait"));
      session.process.kill();
    }
  }
  while (auto next = lease.grant(now)) {
    Session& session = *sessions_.at(*next);
    session.page().wanted = lease.contended() ? LeaseWish::kWhenIdle : LeaseWish::kNone;
    session.page().granted_ns = now;
    session.page().lease = LeaseState::kGranted;
    wake(session.page().lease);
  }
}

GuestTotals& Broker::totals_of(const std::string& identity) {
  // Certificates and addresses can be many; what is kept of them is not.
  constexpr size_t kIdentities = 1024;
  return ended_[ended_.size() < kIdentities || ended_.contains(identity) ? identity : "others"];
}

SessionStatus Broker::status_of(const Session& session) const {
  const SessionPage& page = session.page();
  SessionStatus status{.number = session.number,
                       .peer = session.peer.text,
                       .identity = session.peer.identity,
                       .pid = session.process.number(),
                       .device = session.device,
                       .seconds = static_cast<double>(now_ns() - session.started) * 1e-9,
                       .busy_seconds = static_cast<double>(page.busy_ns) * 1e-9,
                       .weight = session.policy.weight,
                       .memory = page.memory,
                       .quota = session.policy.memory,
                       .limit = session.policy.memory,
                       .buffers = page.buffers,
                       .lists = page.lists,
                       .operations = page.operations,
                       .received = page.received,
                       .uploaded = page.uploaded,
                       .downloaded = page.downloaded};
  if (session.device < 0) return status;
  status.quota = std::min(status.quota, options_.devices[session.device].memory);
  status.limit = std::max<int64_t>(status.quota - session.account.others(), 0);
  if (leases_[session.device].waits(session.number))
    status.state = SessionState::kWaiting;
  else if (page.lease == LeaseState::kBusy)
    status.state = SessionState::kRunning;
  return status;
}

ServerStatus Broker::status() {
  std::lock_guard lock(mutex_);
  ServerStatus status{.release = options_.release,
                      .listens = addresses_,
                      .time = static_cast<double>(now_ns()) * 1e-9,
                      .guests = ended_,
                      .served = next_ - 1,
                      .refused = refused_,
                      .failed = failed_};
  for (size_t i = 0; i < options_.devices.size(); ++i) {
    const DeviceProperties& device = options_.devices[i];
    status.devices.push_back(
        {.id = device.id(), .name = device.name, .memory = device.memory, .busy_seconds = busy_[i]});
  }
  for (const auto& [number, session] : sessions_) {
    const SessionStatus& one = status.sessions.emplace_back(status_of(*session));
    if (!session->proven) continue;
    GuestTotals& guest = status.guests[status.guests.contains(one.identity) ? one.identity : "others"];
    guest.add(one);
    guest.sessions += 1;
    guest.memory += one.memory;
    if (one.device < 0) continue;
    DeviceStatus& device = status.devices[one.device];
    device.used += one.memory;
    device.busy_seconds += one.busy_seconds;
    device.sessions += 1;
    device.waiting += one.state == SessionState::kWaiting;
  }
  return status;
}

void Broker::log(const Session& session, const std::string& text) const {
  if (options_.log) options_.log(concat("guest ", session.number, " (", session.peer.text, ") ", text));
}

}  // namespace lineshaft
