#include "transport/transport.h"

#include "lineshaft/base/error.h"
#include "platform/environment.h"

namespace lineshaft {

#define LINESHAFT_TRANSPORT(name) std::unique_ptr<Transport> name##_transport();
#include "transport/transports.def"

namespace {

const std::vector<std::unique_ptr<Transport>>& transports() {
  static const auto* all = [] {
    auto* list = new std::vector<std::unique_ptr<Transport>>;
#define LINESHAFT_TRANSPORT(name) list->push_back(name##_transport());
#include "transport/transports.def"
    return list;
  }();
  return *all;
}

}  // namespace

Endpoint parse_endpoint(std::string_view text) {
#ifndef LINESHAFT_WITH_SERVER
  if (text.starts_with("tcp:"))
    fail(ErrorCode::kInvalidArgument, "the server address \"", text,
         "\" takes TCP, and this build was made without it ",
         "(-DLINESHAFT_SERVER=OFF). Install libseccomp-dev libssl-dev libtomlplusplus-dev nlohmann-json3-dev (their ",
         "names on Debian and Ubuntu) and build Lineshaft again");
#endif
  std::string schemes;
  for (const auto& transport : transports()) {
    std::string_view scheme = transport->scheme();
    schemes += concat(schemes.empty() ? "" : ", ", scheme, ":");
    if (!text.starts_with(scheme) || text.size() == scheme.size() || text[scheme.size()] != ':') continue;
    std::string_view address = text.substr(scheme.size() + 1);
    if (address.starts_with("//")) address.remove_prefix(2);
    return {transport.get(), std::string(address)};
  }
  fail(ErrorCode::kInvalidArgument, "the server address \"", text, "\" begins with none of ", schemes,
       "; for example unix:/run/lineshaft/lineshaft.sock");
}

std::vector<std::string> well_known_sockets() {
  std::vector<std::string> paths = {"/run/lineshaft/lineshaft.sock"};
  if (auto runtime = environment("XDG_RUNTIME_DIR")) paths.push_back(*runtime + "/lineshaft.sock");
  return paths;
}

}  // namespace lineshaft
