#include "server/dispatcher.h"

#include <algorithm>

#include "platform/clock.h"

namespace lineshaft {
namespace {

constexpr double kPart = 0.5;                         // slices that a part of a list takes
constexpr double kAhead = 1;                          // slices under way on a device that runs while more is submitted
constexpr size_t kInFlight = 64;                      // lists of such a device
constexpr size_t kInFlightBytes = size_t{128} << 20;  // that they take
constexpr size_t kSpare = 8;

}  // namespace

void Dispatcher::submit(std::unique_ptr<CommandList> list, uint64_t ticket) {
  running_bytes_ += list->bytes();
  Running& running = running_.emplace_back(Running{std::move(list), ticket});
  const auto& commands = running.list->commands;
  Cost cost;
  size_t begun = 0;
  for (size_t i = 0; i < commands.size(); ++i) {
    Cost next = costs_.estimate(commands[i]);
    if (i > begun && cost.total + next.total > kPart * slice_ns_) {
      auto part = std::make_unique<CommandList>();
      part->commands.assign(commands.begin() + static_cast<std::ptrdiff_t>(begun),
                            commands.begin() + static_cast<std::ptrdiff_t>(i));
      dispatch(*running.parts.emplace_back(std::move(part)), cost);
      begun = i;
      cost = {};
    }
    cost.add(next);
  }
  if (begun == 0) {
    dispatch(*running.list, cost);
  } else {
    auto part = std::make_unique<CommandList>();
    part->commands.assign(commands.begin() + static_cast<std::ptrdiff_t>(begun), commands.end());
    dispatch(*running.parts.emplace_back(std::move(part)), cost);
  }
  running.last = dispatched_;
}

void Dispatcher::dispatch(const CommandList& commands, const Cost& cost) {
  make_room();
  await_turn();
  under_way_.push_back({++dispatched_, now_ns(), cost});
  under_way_ns_ += cost.total;
  device_.submit(commands, dispatched_);
  observe();
}

void Dispatcher::await_turn() {
  if (!lease_) return;
  if (lease_->wanted()) {
    wait();
    device_.pause();
    lease_->yield();
    yielded_();
  }
  lease_->take();
}

void Dispatcher::make_room() {
  while (!under_way_.empty() && (under_way_ns_ > kAhead * slice_ns_ || running_.size() > kInFlight ||
                                 (running_.size() > 1 && running_bytes_ > kInFlightBytes))) {
    uint64_t first = under_way_.front().ticket;
    device_.wait(first);
    observe(first);
  }
}

void Dispatcher::observe(uint64_t waited_for) {
  uint64_t done = std::max(device_.completed(), waited_for);
  if (!under_way_.empty() && under_way_.front().ticket <= done) {
    int64_t now = now_ns(), began = std::max(under_way_.front().began, observed_);
    Cost cost;
    for (; !under_way_.empty() && under_way_.front().ticket <= done; under_way_.pop_front())
      cost.add(under_way_.front().cost);
    under_way_ns_ = under_way_.empty() ? 0 : under_way_ns_ - cost.total;
    costs_.learn(cost, static_cast<double>(now - began));
    observed_ = now;
  }
  retire(done);
}

void Dispatcher::wait() {
  device_.wait(dispatched_);
  observe(dispatched_);
}

void Dispatcher::give_back() {
  if (!lease_) return;
  if (lease_->contended()) device_.pause();
  lease_->give_back();
}

uint64_t Dispatcher::completed() {
  observe();
  return retired_;
}

void Dispatcher::retire(uint64_t done) {
  while (!running_.empty() && running_.front().last && running_.front().last <= done) {
    Running& first = running_.front();
    retired_ = first.ticket;
    running_bytes_ -= first.list->bytes();
    for (const Command& command : first.list->commands)
      if (command.kind == CommandKind::kEvent) events_.push_back(command.event->nanoseconds);
    first.list->clear();
    if (spare_.size() < kSpare) spare_.push_back(std::move(first.list));
    running_.pop_front();
  }
}

std::unique_ptr<CommandList> Dispatcher::spare() {
  if (spare_.empty()) return std::make_unique<CommandList>();
  auto list = std::move(spare_.back());
  spare_.pop_back();
  return list;
}

}  // namespace lineshaft
