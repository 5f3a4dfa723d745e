#include "server/lease.h"

#include <algorithm>

namespace lineshaft {

void LeaseScheduler::add(uint64_t session, double weight) {
  sessions_[session] = {weight, floor_, false};
}

void LeaseScheduler::remove(uint64_t session) {
  sessions_.erase(session);
  if (holder_ == session) holder_.reset();
}

void LeaseScheduler::want(uint64_t session, int64_t now_ns, int64_t holder_used_ns) {
  auto found = sessions_.find(session);
  if (found == sessions_.end() || found->second.waits || holder_ == session) return;
  if (!contended()) contended_at_ = now_ns;
  if (holder_) {
    const Entry& holder = sessions_.at(*holder_);
    int64_t used = std::clamp<int64_t>(holder_used_ns, 0, std::max<int64_t>(now_ns - granted_at_, 0));
    floor_ = std::max(floor_, holder.used + static_cast<double>(used) / holder.weight);
  }
  found->second.waits = true;
  found->second.used = std::max(found->second.used, floor_ - static_cast<double>(kSavedSlices * slice_ns_));
}

void LeaseScheduler::give_back(uint64_t session, int64_t used_ns, int64_t now_ns) {
  auto found = sessions_.find(session);
  if (found != sessions_.end() && holder_ == session) {
    int64_t held = std::max<int64_t>(now_ns - granted_at_, 0);
    int64_t contended_for = contended() ? now_ns - std::max(contended_at_, granted_at_) : 0;
    int64_t used = std::clamp(used_ns, std::clamp<int64_t>(contended_for, 0, held), held);
    found->second.used += static_cast<double>(used) / found->second.weight;
  }
  if (holder_ == session) holder_.reset();
}

std::optional<uint64_t> LeaseScheduler::grant(int64_t now_ns) {
  if (holder_) return std::nullopt;
  auto next = sessions_.end();
  for (auto each = sessions_.begin(); each != sessions_.end(); ++each)
    if (each->second.waits && (next == sessions_.end() || each->second.used < next->second.used)) next = each;
  if (next == sessions_.end()) return std::nullopt;
  next->second.waits = false;
  floor_ = std::max(floor_, next->second.used);
  holder_ = next->first;
  granted_at_ = now_ns;
  contended_at_ = now_ns;
  return holder_;
}

bool LeaseScheduler::waits(uint64_t session) const {
  auto found = sessions_.find(session);
  return found != sessions_.end() && found->second.waits;
}

bool LeaseScheduler::contended() const {
  return holder_ && std::ranges::any_of(sessions_, [](const auto& each) { return each.second.waits; });
}

std::optional<int64_t> LeaseScheduler::deadline() const {
  if (!contended()) return std::nullopt;
  return granted_at_ + slice_ns_;
}

}  // namespace lineshaft
