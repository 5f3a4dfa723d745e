#include "server/status.h"

namespace lineshaft {

const char* name_of(SessionState state) {
  switch (state) {
    case SessionState::kIdle:
      return "idle";
    case SessionState::kRunning:
      return "running";
    case SessionState::kWaiting:
      return "waiting";
  }
  return "idle";
}

void GuestTotals::add(const SessionStatus& session) {
  busy_seconds += session.busy_seconds;
  lists += session.lists;
  operations += session.operations;
  received += session.received;
  uploaded += session.uploaded;
  downloaded += session.downloaded;
}

}  // namespace lineshaft
