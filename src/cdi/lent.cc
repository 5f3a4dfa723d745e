#include "cdi/lent.h"

#include <algorithm>

#include "lineshaft/base/error.h"

namespace lineshaft::cdi {
namespace {

constexpr const char* kFolder = "/run/lineshaft";

Mount socket_mount(const LentServer& server) {
  // Connecting to a socket needs no writable mount.
  return {server.socket, server.folder ? kFolder : kSocket, {"ro", "nosuid", "nodev", "noexec", "bind"}};
}

}  // namespace

Spec lent_spec(const std::vector<LentDevice>& devices, const LentServer& server) {
  LS_REQUIRE(!devices.empty(), "there is no device to lend");
  LS_REQUIRE(server.socket.starts_with('/'), "the server's socket is an absolute path, not \"", server.socket, "\"");
  Spec spec{.kind = kLentKind};
  const Edits every{.env = {concat("LINESHAFT_SERVER=unix:", kSocket)}, .mounts = {socket_mount(server)}};
  for (size_t i = 0; i < devices.size(); ++i) {
    auto same = [&](const LentDevice& device) { return device.uuid == devices[i].uuid; };
    std::vector<std::string> names = {std::to_string(i)};
    if (!devices[i].uuid.empty() && std::ranges::count_if(devices, same) == 1) names.push_back(devices[i].uuid);
    Edits edits = every;
    edits.env.push_back(concat("LINESHAFT_DEVICES=remote:", i));
    add_device(spec, names, edits);
  }
  add_device(spec, {"all"}, every);
  return spec;
}

}  // namespace lineshaft::cdi
