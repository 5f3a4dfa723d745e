#include "server/status_json.h"

#include <nlohmann/json.hpp>

#include "lineshaft/base/error.h"

namespace lineshaft {

using Json = nlohmann::json;

NLOHMANN_JSON_SERIALIZE_ENUM(SessionState, {{SessionState::kIdle, "idle"},
                                            {SessionState::kRunning, "running"},
                                            {SessionState::kWaiting, "waiting"}})
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SessionStatus, number, peer, identity, pid, device, state, seconds, busy_seconds,
                                   weight, memory, quota, limit, buffers, lists, operations, received, uploaded,
                                   downloaded)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DeviceStatus, id, name, memory, used, busy_seconds, sessions, waiting)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(GuestTotals, sessions, memory, busy_seconds, served, refused, failed, lists,
                                   operations, received, uploaded, downloaded)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ServerStatus, release, listens, time, devices, sessions, guests, served, refused,
                                   failed)

std::string status_json(const ServerStatus& status) {
  // A certificate's name may hold anything: what is no UTF-8 is replaced.
  return Json(status).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

ServerStatus parse_status(std::string_view json) {
  try {
    return Json::parse(json).get<ServerStatus>();
  } catch (const Json::exception& error) {
    fail(ErrorCode::kProtocol, "the server's status is not what this Lineshaft reads (", error.what(),
         "); use the release of the server");
  }
}

}  // namespace lineshaft
