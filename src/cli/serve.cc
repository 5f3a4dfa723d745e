// lineshaft serve: lends this machine's devices to guests.
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <filesystem>
#include <iostream>

#include "base/error.h"
#include "cli/command.h"
#include "cli/network.h"
#include "cli/text.h"
#include "device/registry.h"
#include "platform/environment.h"
#include "server/broker.h"

namespace lineshaft::cli {
namespace {

Broker* running = nullptr;

void log(const std::string& text) {
  char clock[16];
  std::time_t now = std::time(nullptr);
  std::tm local{};
  std::strftime(clock, sizeof clock, "%H:%M:%S", ::localtime_r(&now, &local));
  std::cerr << clock << "  " << text << std::endl;
}

// The first well-known socket whose folder this user may write.
std::string default_socket() {
  std::string tried;
  for (const std::string& path : well_known_sockets()) {
    std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (::access(folder.c_str(), W_OK) == 0) return path;
    tried += concat(tried.empty() ? "" : " and ", folder.string());
  }
  fail(ErrorCode::kInvalidArgument, "user ", ::getuid(), " may not write ", tried, "; name a path with --socket");
}

std::vector<DeviceProperties> lent_devices() {
  std::vector<DeviceProperties> lent;
  for (const DeviceProperties& device : selected_devices())
    if (device.backend != "remote") lent.push_back(device);
  LS_REQUIRE(!lent.empty(), "there is no device to lend; `lineshaft devices` shows what there is");
  return lent;
}

int mode_of(const Arguments& arguments) {
  std::string text = arguments.value("--mode").value_or("666");
  char* end = nullptr;
  long mode = std::strtol(text.c_str(), &end, 8);
  LS_REQUIRE(!text.empty() && *end == 0 && mode >= 0 && mode <= 0777, "--mode takes permissions such as 660, not \"",
             text, "\"");
  return static_cast<int>(mode);
}

int run(const Arguments& arguments) {
  ServeOptions options;
  options.addresses = {"unix:" + arguments.value("--socket").value_or("")};
  if (!arguments.has("--socket")) options.addresses[0] += default_socket();
  for (const std::string& window : arguments.values("--vm")) options.addresses.push_back("vm:" + window);
  add_network(arguments, options);
  options.listen.mode = mode_of(arguments);
  options.listen.group = arguments.value("--group").value_or("");
  options.devices = lent_devices();
  options.guests = {{.memory = arguments.number("--memory", INT64_MAX >> 20) << 20,
                     .sessions = static_cast<int>(arguments.number("--sessions", 64))}};
  options.worker = {"/proc/self/exe", "worker"};
  options.release = LINESHAFT_VERSION;
  options.window = static_cast<size_t>(arguments.number("--window", 64, 4)) << 20;
  options.sandbox = !arguments.has("--no-sandbox");
  options.user = arguments.value("--user").value_or("");
  LS_REQUIRE(options.user.empty() || (::getuid() == 0 && options.sandbox),
             "--user takes a server that is root, with its sandbox");
  options.log = log;

  Broker broker(std::move(options));
  running = &broker;
  struct sigaction action {};
  action.sa_handler = [](int) { running->stop(); };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  for (const DeviceProperties& device : lent_devices())
    log(concat("lends ", device.id(), ": ", device.name, " (", class_text(device.device_class), ", ",
               bytes_text(device.memory), ")"));
  for (const std::string& address : broker.addresses()) log("listens at " + address);
  broker.run();
  ServerStatus status = broker.status();
  log(concat("stops: ", status.served, " sessions served, ", status.refused, " refused, ", status.failed, " failed"));
  return kDone;
}

}  // namespace

Command serve_command() {
  return {.name = "serve",
          .summary = "Lend this machine's devices to containers and virtual machines",
          .positional = "",
          .options = {{"--socket", "PATH", "listen there (/run/lineshaft/lineshaft.sock, else $XDG_RUNTIME_DIR)"},
                      {"--mode", "MODE", "permissions of the socket (666)"},
                      {"--group", "NAME", "the group that owns the socket"},
                      {"--vm", "WINDOW", "serve a virtual machine through its window too; may be repeated"},
                      {"--tcp", "HOST:PORT", "listen there too; other machines need certificates (lineshaft cert)"},
                      {"--tls", "FOLDER", "certificates for --tcp, or off (where `lineshaft cert` writes)"},
                      {"--vsock", "PORT", "listen there too, for virtual machines"},
                      {"--memory", "MIB", "a guest's quota on each device (what the device has)"},
                      {"--sessions", "N", "sessions that one guest may have at once (64)"},
                      {"--window", "MIB", "shared memory of a session, for bulk data (64)"},
                      {"--user", "NAME", "whom workers become, of a server that is root"},
                      {"--no-sandbox", nullptr, "do not confine the workers: for debugging only"}},
          .examples =
              "  lineshaft serve                             # lends what `lineshaft devices` lists\n"
              "  LINESHAFT_DEVICES=vulkan:0 lineshaft serve  # lends one device\n"
              "  lineshaft serve --group render --mode 660   # to members of a group\n"
              "  lineshaft serve --vm /dev/shm/builder.window  # and to a virtual machine, see `lineshaft vm`\n"
              "  lineshaft serve --tcp 0.0.0.0:7461          # and to machines that have certificates\n"
              "  lineshaft guest run -- python train.py      # elsewhere: a program that has only the socket\n",
          .run = run};
}

}  // namespace lineshaft::cli
