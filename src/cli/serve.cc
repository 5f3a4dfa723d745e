// lineshaft serve: lends this machine's devices to guests.
#include <iostream>
#include <optional>

#include "cli/command.h"
#include "cli/serve_options.h"
#include "cli/text.h"
#include "lineshaft/base/error.h"
#include "lineshaft/device/registry.h"
#include "platform/clock.h"
#include "platform/environment.h"
#include "platform/process.h"
#include "platform/sandbox.h"
#include "platform/service.h"
#include "platform/signals.h"
#include "server/broker.h"
#include "server/status_server.h"

namespace lineshaft::cli {
namespace {

void log(const std::string& text) {
  std::cerr << concat(time_of_day(), "  ", text, "\n") << std::flush;
}

// Never another server's: LINESHAFT_SERVER may name this one.
std::vector<DeviceProperties> lent_devices() {
  auto lent = find_own_devices(environment("LINESHAFT_DEVICES").value_or("")).devices;
  LS_REQUIRE(!lent.empty(), "there is no device to lend; `lineshaft devices` shows what there is");
  return lent;
}

void warn_of_sandbox(const ServeOptions& options) {
  if (!options.sandbox) return log("warning: the workers are not confined: let in only guests that you trust");
  if (auto problem = sandbox_problem())
    log(concat("warning: workers cannot be confined, and every guest will be turned away: ", *problem));
}

void reload(Broker& broker, const std::string& config, const Arguments& arguments) {
  try {
    broker.set_guests(read_guests(config, arguments));
    log(concat("reads ", config, " again: its guests' entries hold for sessions from now on; what else changed counts ",
               "after a restart"));
  } catch (const Error& error) {
    log(concat("keeps the guests' entries as they were: ", error.what()));
  }
}

void announce(const Broker& broker, const ServeSetup& setup, const StatusServer& status) {
  if (!setup.config.empty()) log("is configured by " + setup.config);
  for (const DeviceProperties& device : lent_devices())
    log(concat("lends ", device.id(), ": ", device.name, " (", class_text(device.device_class), ", ",
               bytes_text(device.memory), ")"));
  for (const std::string& address : broker.addresses()) log("listens at " + address);
  if (!status.metrics_address().empty()) log("serves metrics at " + status.metrics_address());
}

int run_serve(const Arguments& arguments) {
  BlockedSignals signals({Signal::kInterrupt, Signal::kTerminate, Signal::kHangup});
  ignore_broken_pipes();
  ServeSetup setup = serve_setup(arguments);
  warn_of_sandbox(setup.options);
  ServeOptions& options = setup.options;
  options.sockets = take_activated_sockets();
  if (setup.default_socket && options.sockets.empty()) options.addresses.push_back("unix:" + default_socket());
  options.devices = lent_devices();
  options.worker = {this_program(), "worker"};
  options.release = LINESHAFT_VERSION;
  options.log = log;
  if (options.sandbox) options.cgroups.emplace();

  Broker broker(std::move(options));
  setup.status.socket = status_socket_at(broker.addresses());
  StatusServer status([&] { return broker.status(); }, setup.status);
  announce(broker, setup, status);
  SignalThread thread(signals, [&](Signal signal) {
    if (signal == Signal::kHangup && !setup.config.empty()) return reload(broker, setup.config, arguments);
    notify_service_manager("STOPPING=1");
    broker.stop();
  });
  if (!notify_service_manager("READY=1")) log("warning: NOTIFY_SOCKET is set and cannot be reached");
  broker.run();
  ServerStatus end = broker.status();
  log(concat("stops: ", end.served, " sessions served, ", end.refused, " refused, ", end.failed, " failed"));
  return kDone;
}

}  // namespace

Command serve_command() {
  return {
      .name = "serve",
      .summary = "Lend this machine's devices to containers and virtual machines",
      .positional = "",
      .options = {{"--config", "FILE",
                   "the configuration (/etc/lineshaft/lineshaft.toml where that is); flags go before it"},
                  {"--socket", "PATH", "listen there (/run/lineshaft/lineshaft.sock, else $XDG_RUNTIME_DIR)"},
                  {"--mode", "MODE", "permissions of the socket (666)"},
                  {"--group", "NAME", "the group that owns the socket"},
                  {"--vm", "WINDOW", "serve a virtual machine through its window too; may be repeated"},
                  {"--tcp", "HOST:PORT", "listen there too; other machines need certificates (lineshaft cert)"},
                  {"--tls", "FOLDER", "certificates for --tcp, or off (where `lineshaft cert` writes)"},
                  {"--vsock", "PORT", "listen there too, for virtual machines"},
                  {"--memory", "SIZE", "a guest's quota on a device, such as 8G (what the device has)"},
                  {"--sessions", "N", "sessions that one guest may have at once (64)"},
                  {"--window", "SIZE", "shared memory of a session, for bulk data (64M)"},
                  {"--metrics", "HOST:PORT", "serve Prometheus metrics there, or at a Unix socket's path (nowhere)"},
                  {"--user", "NAME", "whom workers become, of a server that is root"},
                  {"--no-sandbox", nullptr, "do not confine the workers: for debugging only"}},
      .examples =
          "  lineshaft serve                             # lends what `lineshaft devices` lists\n"
          "  LINESHAFT_DEVICES=vulkan:0 lineshaft serve  # lends one device\n"
          "  lineshaft serve --group render --mode 660   # to members of a group\n"
          "  lineshaft serve --vm /dev/shm/builder.window  # and to a virtual machine, see `lineshaft vm`\n"
          "  lineshaft serve --tcp 0.0.0.0:7461          # and to machines that have certificates\n"
          "  lineshaft guest run -- python train.py      # elsewhere: a program that has only the socket\n",
      .run = run_serve};
}

}  // namespace lineshaft::cli
