#include "cli/serve_options.h"

#include <cstdlib>
#include <filesystem>

#include "cli/network.h"
#include "lineshaft/base/error.h"
#include "platform/environment.h"
#include "platform/files.h"
#include "platform/process.h"
#include "server/config.h"
#include "transport/transport.h"

namespace lineshaft::cli {
namespace {

constexpr int64_t kMebibyte = int64_t{1} << 20;

int mode_of(const std::string& text) {
  char* end = nullptr;
  long mode = std::strtol(text.c_str(), &end, 8);
  LS_REQUIRE(!text.empty() && *end == 0 && mode >= 0 && mode <= 0777, "--mode takes permissions such as 660, not \"",
             text, "\"");
  return static_cast<int>(mode);
}

std::string config_path(const Arguments& arguments) {
  if (auto path = arguments.value("--config")) return *path;
  return file_exists(kConfigPath) ? kConfigPath : "";
}

void choose_devices(const std::vector<std::string>& devices) {
  std::string list;
  for (const std::string& device : devices) list += (list.empty() ? "" : ",") + device;
  if (!list.empty()) set_environment("LINESHAFT_DEVICES", list, false);
}

void apply_to_everybody(const Arguments& arguments, std::vector<GuestPolicy>& guests) {
  if (guests.empty() || guests.back().identity != "*") guests.emplace_back();
  GuestPolicy& everybody = guests.back();
  everybody.memory = arguments.bytes("--memory", everybody.memory, kMebibyte);
  everybody.sessions = static_cast<int>(arguments.number("--sessions", everybody.sessions));
}

}  // namespace

std::string default_socket() {
  std::string tried;
  for (const std::string& path : well_known_sockets()) {
    std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (can_write_in(folder)) return path;
    tried += concat(tried.empty() ? "" : " and ", folder.string());
  }
  fail(ErrorCode::kInvalidArgument, "user ", user_id(), " may not write ", tried, "; name a path with --socket");
}

ServeSetup serve_setup(const Arguments& arguments) {
  ServeSetup setup{.config = config_path(arguments)};
  ServeConfig config;
  if (!setup.config.empty()) config = read_config(setup.config);
  choose_devices(config.devices);
  setup.options = std::move(config.options);
  ServeOptions& options = setup.options;
  setup.default_socket = options.addresses.empty() && !arguments.has("--socket");
  if (auto path = arguments.value("--socket")) options.addresses = {"unix:" + *path};
  for (const std::string& window : arguments.values("--vm")) options.addresses.push_back("vm:" + window);
  add_network(arguments, options);
  if (auto mode = arguments.value("--mode")) options.listen.mode = mode_of(*mode);
  if (auto group = arguments.value("--group")) options.listen.group = *group;
  apply_to_everybody(arguments, options.guests);
  options.window =
      static_cast<size_t>(arguments.bytes("--window", static_cast<int64_t>(options.window), 4 * kMebibyte));
  if (arguments.has("--no-sandbox")) options.sandbox = false;
  options.user = arguments.value("--user").value_or(options.user);
  LS_REQUIRE(options.user.empty() || (is_superuser() && options.sandbox),
             "--user takes a server that is root, with its sandbox");
  setup.status = {.metrics = arguments.value("--metrics").value_or(config.metrics),
                  .mode = options.listen.group.empty() ? 0600 : 0660,
                  .group = options.listen.group};
  return setup;
}

std::vector<GuestPolicy> read_guests(const std::string& config, const Arguments& arguments) {
  std::vector<GuestPolicy> guests = read_config(config).options.guests;
  apply_to_everybody(arguments, guests);
  return guests;
}

std::string status_socket_at(const std::vector<std::string>& addresses) {
  for (const std::string& address : addresses)
    if (address.starts_with("unix:")) return status_socket_of(address.substr(5));
  return "";
}

}  // namespace lineshaft::cli
