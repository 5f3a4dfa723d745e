#include "server/lease.h"

#include <algorithm>
#include <cmath>

namespace lineshaft {
namespace {

constexpr int64_t kShortSlices = 4;  // in one, for a guest that got the device out of turn

}  // namespace

void LeaseScheduler::add(uint64_t session, const std::string& account, double weight) {
  // What an account owes is kept until it is forgotten: a guest does not get rid of it by coming anew.
  std::erase_if(accounts_, [](const auto& each) { return each.second.sessions == 0 && each.second.credit == 0; });
  Account& shared = accounts_[account];
  shared.weight = weight;
  ++shared.sessions;
  sessions_[session].account = &shared;
}

void LeaseScheduler::remove(uint64_t session, int64_t now_ns) {
  auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  give_back(session, now_ns);
  advance(now_ns);
  --found->second.account->sessions;
  sessions_.erase(found);
  if (!contended()) due_since_.reset();
}

void LeaseScheduler::want(uint64_t session, int64_t now_ns) {
  auto found = sessions_.find(session);
  if (found == sessions_.end() || holder_ == session) return;
  advance(now_ns);
  found->second.waits = true;
}

void LeaseScheduler::give_back(uint64_t session, int64_t now_ns) {
  if (holder_ != session) return;
  advance(now_ns);
  holder_.reset();
  due_since_.reset();
}

std::optional<uint64_t> LeaseScheduler::grant(int64_t now_ns) {
  if (holder_) return std::nullopt;
  auto next = first_in_line();
  if (next == sessions_.end()) return std::nullopt;
  advance(now_ns);
  holder_ = next->first;
  sessions_.at(*holder_).waits = false;
  granted_at_ = slice_began_ = now_ns;
  return holder_;
}

bool LeaseScheduler::waits(uint64_t session) const {
  auto found = sessions_.find(session);
  return found != sessions_.end() && found->second.waits;
}

bool LeaseScheduler::contended() const {
  return holder_ && std::ranges::any_of(sessions_, [](const auto& each) { return each.second.waits; });
}

bool LeaseScheduler::due(int64_t now_ns) {
  advance(now_ns);
  if (due_since_) return true;
  auto deadline = this->deadline();
  if (!deadline || now_ns < *deadline) return false;
  if (lead(first_in_line()->second, sessions_.at(*holder_)) > 0)
    due_since_ = now_ns;
  else
    slice_began_ = now_ns;
  return due_since_.has_value();
}

std::optional<int64_t> LeaseScheduler::deadline() const {
  if (due_since_ || !contended()) return std::nullopt;
  bool out_of_turn = lead(first_in_line()->second, sessions_.at(*holder_)) > static_cast<double>(slice_ns_);
  return slice_began_ + (out_of_turn ? slice_ns_ / kShortSlices : slice_ns_);
}

void LeaseScheduler::advance(int64_t now_ns) {
  auto passed = static_cast<double>(std::max<int64_t>(now_ns - advanced_to_, 0));
  advanced_to_ = std::max(advanced_to_, now_ns);
  std::vector<Party*> accounts;
  for (auto& [name, account] : accounts_) {
    account.competes = false;
    accounts.push_back(&account);
  }
  std::map<Account*, std::vector<Party*>> sessions;
  for (auto& [number, session] : sessions_) {
    session.competes = session.waits || holder_ == number;
    session.account->competes |= session.competes;
    sessions[session.account].push_back(&session);
  }
  Session* holder = holder_ ? &sessions_.at(*holder_) : nullptr;
  share(accounts, holder ? holder->account : nullptr, passed);
  for (auto& [account, parties] : sessions)
    share(parties, holder && holder->account == account ? holder : nullptr, passed);
}

// Who competes is owed its part of the time that has passed, which the holder has got. Credits are kept relative to the
// mean of those who compete. Those who do not are owed nothing, and what they were owed or owed is forgotten.
void LeaseScheduler::share(const std::vector<Party*>& parties, Party* holder, double passed) {
  double weights = 0, credits = 0;
  for (const Party* party : parties)
    if (party->competes) weights += party->weight, credits += party->credit;
  double mean = weights > 0 ? credits / weights : 0, part = holder ? passed / weights : 0;
  for (Party* party : parties) {
    party->credit -= mean * party->weight;
    if (party->competes)
      party->credit += part * party->weight;
    else
      party->credit = std::copysign(std::max(std::abs(party->credit) - passed, 0.0), party->credit);
  }
  if (holder) holder->credit -= passed;
}

LeaseScheduler::Sessions::const_iterator LeaseScheduler::first_in_line() const {
  auto first = sessions_.end();
  for (auto each = sessions_.begin(); each != sessions_.end(); ++each)
    if (each->second.waits && (first == sessions_.end() || lead(each->second, first->second) > 0)) first = each;
  return first;
}

// By how much one goes before another, in nanoseconds of a weight of 1.
double LeaseScheduler::lead(const Session& one, const Session& other) {
  if (one.account == other.account) return one.credit - other.credit;
  return one.account->credit / one.account->weight - other.account->credit / other.account->weight;
}

}  // namespace lineshaft
