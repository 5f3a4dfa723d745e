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

void LeaseScheduler::want(uint64_t session) {
  auto found = sessions_.find(session);
  if (found == sessions_.end() || found->second.waits || holder_ == session) return;
  found->second.waits = true;
  found->second.used = std::max(found->second.used, floor_);
}

void LeaseScheduler::give_back(uint64_t session, int64_t used_ns) {
  auto found = sessions_.find(session);
  if (found != sessions_.end())
    found->second.used += static_cast<double>(std::max<int64_t>(used_ns, 0)) / found->second.weight;
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
  return holder_;
}

bool LeaseScheduler::contended() const {
  return holder_ && std::ranges::any_of(sessions_, [](const auto& each) { return each.second.waits; });
}

std::optional<int64_t> LeaseScheduler::deadline() const {
  if (!contended()) return std::nullopt;
  return granted_at_ + slice_ns_;
}

}  // namespace lineshaft
