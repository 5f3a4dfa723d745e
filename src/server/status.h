// The status of a server, for `lineshaft top`, for clients of its status socket, and as metrics.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/command_export.h"

namespace lineshaft {

enum class SessionState { kIdle, kRunning, kWaiting };  // kWaiting: another session has the device
LINESHAFT_COMMAND_EXPORT const char* name_of(SessionState state);

struct SessionStatus {
  uint64_t number = 0;
  std::string peer, identity;
  int pid = 0;
  int device = -1;  // number in ServerStatus::devices; -1 until opened
  SessionState state = SessionState::kIdle;
  double seconds = 0, busy_seconds = 0, weight = 1;
  int64_t memory = 0;            // bytes
  int64_t quota = 0, limit = 0;  // bytes for all sessions of the identity on the device; what the others leave of it
  uint64_t buffers = 0, lists = 0, operations = 0, received = 0, uploaded = 0, downloaded = 0;
};

struct DeviceStatus {
  std::string id, name;
  int64_t memory = 0, used = 0;  // bytes: of the device; used by all sessions on it
  double busy_seconds = 0;       // of all sessions since the start
  int sessions = 0, waiting = 0;
};

// Totals of one identity since the start, over ended and open sessions.
struct GuestTotals {
  int sessions = 0;    // open sessions
  int64_t memory = 0;  // bytes, of open sessions
  double busy_seconds = 0;
  uint64_t served = 0, refused = 0, failed = 0;  // numbers of sessions; `failed` ended with an error
  uint64_t lists = 0, operations = 0, received = 0, uploaded = 0, downloaded = 0;

  void add(const SessionStatus& session);
};

struct ServerStatus {
  std::string release;
  std::vector<std::string> listens;  // addresses
  double time = 0;                   // seconds by a monotonic clock, from which rates are computed
  std::vector<DeviceStatus> devices;
  std::vector<SessionStatus> sessions;
  std::map<std::string, GuestTotals> guests;     // by identity
  uint64_t served = 0, refused = 0, failed = 0;  // sessions since the start
};

}  // namespace lineshaft
