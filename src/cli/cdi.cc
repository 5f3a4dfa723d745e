// lineshaft cdi: specs of the Container Device Interface, so that `podman run --device lineshaft.dev/gpu=all` works.
#include "cli/cdi.h"

#include <iostream>

#include "cdi/lent.h"
#include "cli/text.h"
#include "lineshaft/base/error.h"
#include "lineshaft/device/registry.h"
#include "platform/environment.h"
#include "transport/transport.h"

namespace lineshaft::cli {
namespace {

// Where `serve` listens: the socket that is there, else the one that a service makes.
std::string served_socket(const cdi::Root& root) {
  for (const std::string& path : well_known_sockets())
    if (root.exists(path)) return path;
  return cdi::kSocket;
}

std::vector<cdi::LentDevice> lent_devices(const Arguments& arguments) {
  const char* named_by = arguments.has("--devices") ? "--devices" : "LINESHAFT_DEVICES";
  std::string chosen = arguments.value("--devices").value_or(environment("LINESHAFT_DEVICES").value_or(""));
  std::vector<cdi::LentDevice> devices;
  for (const DeviceProperties& device : find_own_devices(chosen, named_by).devices)
    devices.push_back({uuid_text(device)});
  return devices;
}

cdi::Physical lent(const Arguments& arguments) {
  cdi::Root root(arguments.value("--root").value_or(""));
  cdi::LentServer server{.socket = arguments.value("--socket").value_or(served_socket(root))};
  server.folder = root.is_folder(server.socket);
  cdi::Physical found{.spec = cdi::lent_spec(lent_devices(arguments), server)};
  std::string socket = server.socket + (server.folder ? "/lineshaft.sock" : "");
  if (!root.exists(socket))
    found.notes.push_back(concat("there is no ", socket,
                                 " yet: containers with this device start only while `lineshaft ",
                                 "serve` runs; --socket names another place"));
  return found;
}

}  // namespace

std::vector<Option> cdi_source_options() {
  return {{"--devices", "LIST", "the devices that the server lends, as in LINESHAFT_DEVICES, which is the default"},
          {"--socket", "PATH", "its socket, or the folder of its socket (where `serve` listens by itself)"},
          {"--root", "FOLDER", "look for devices and specs below this folder instead of /"}};
}

cdi::Physical cdi_spec(const std::string& device_class, const Arguments& arguments) {
  if (device_class == "gpu") return lent(arguments);
  cdi::Root root(arguments.value("--root").value_or(""));
  std::string there = "gpu";
  for (const cdi::PhysicalKind& kind : cdi::physical_kinds()) {
    there += concat(", ", kind.name);
    if (device_class != kind.name) continue;
    auto found = kind.find(root);
    LS_REQUIRE(found, "there is no device of lineshaft.dev/", kind.name, ": this machine has not got ", kind.sought);
    return *found;
  }
  fail(ErrorCode::kInvalidArgument, "lineshaft.dev has no \"", device_class, "\"; it has ", there);
}

std::vector<std::string> physical_classes(const Arguments& arguments) {
  cdi::Root root(arguments.value("--root").value_or(""));
  std::vector<std::string> classes;
  for (const cdi::PhysicalKind& kind : cdi::physical_kinds())
    if (kind.find(root)) classes.emplace_back(kind.name);
  return classes;
}

void print_notes(const cdi::Physical& found) {
  for (const std::string& note : found.notes) std::cerr << "note: " << note << "\n";
}

Command cdi_command() {
  return {.name = "cdi",
          .summary = "Give devices to containers: write, list and check CDI specs",
          .positional = "",
          .options = {},
          .examples =
              "  sudo lineshaft cdi generate                      # lent devices, into /etc/cdi\n"
              "  podman run --device lineshaft.dev/gpu=all IMAGE\n"
              "  docker run $(lineshaft cdi args) IMAGE           # an engine without CDI\n",
          .run = nullptr,
          .commands = {cdi_generate_command(), cdi_list_command(), cdi_validate_command(), cdi_args_command()}};
}

}  // namespace lineshaft::cli
