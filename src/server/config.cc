#include "server/config.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "lineshaft/base/error.h"
#include "server/config_table.h"
#include "transport/transport.h"

namespace lineshaft {
namespace {

constexpr int64_t kMebibyte = int64_t{1} << 20;

// Whether a guest can be known by it.
bool is_identity(std::string_view text) {
  if (text == "*") return true;
  size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return false;
  std::string_view kind = text.substr(0, colon), name = text.substr(colon + 1);
  if (kind == "cert" || kind == "vm" || kind == "address") return true;
  uint32_t number = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return (kind == "uid" || kind == "cid") && error == std::errc() && end == name.data() + name.size();
}

GuestPolicy guest_of(ConfigTable table) {
  GuestPolicy guest;
  auto identity = table.text("identity", "uid:1000");
  if (!identity) table.wrong("identity", "is missing: which guest is meant, such as \"uid:1000\", or \"*\" for all");
  if (!is_identity(*identity))
    table.wrong("identity",
                R"(a guest is "uid:NUMBER", "cid:NUMBER", "cert:NAME", "vm:NAME", "address:IP", or "*" for all)");
  guest.identity = *identity;
  guest.memory = table.bytes("memory", kMebibyte).value_or(guest.memory);
  guest.weight = table.number("weight", 0.001, 1000).value_or(guest.weight);
  guest.sessions = static_cast<int>(table.whole("sessions", 0, AccountPage::kSlots).value_or(guest.sessions));
  table.finish();
  return guest;
}

std::vector<GuestPolicy> guests_of(ConfigTable& root) {
  std::vector<GuestPolicy> guests;
  for (const ConfigTable& table : root.tables("guest")) {
    GuestPolicy guest = guest_of(table);
    for (const GuestPolicy& before : guests)
      if (before.identity == guest.identity || before.identity == "*")
        table.wrong("identity",
                    concat("the first entry that fits a guest counts, and \"", before.identity, "\" stands above; ",
                           before.identity == "*" ? "move that one to the end" : "keep one of the two"));
    guests.push_back(guest);
  }
  return guests;
}

void read_socket(ConfigTable table, ListenOptions& listen) {
  if (auto mode = table.text("mode", "660")) {
    int bits = 0;
    auto [end, error] = std::from_chars(mode->data(), mode->data() + mode->size(), bits, 8);
    if (error != std::errc() || end != mode->data() + mode->size() || bits < 0 || bits > 0777)
      table.wrong("mode", "it takes permissions such as \"660\"");
    listen.mode = bits;
  }
  listen.group = table.text("group", "lineshaft").value_or("");
  table.finish();
}

void read_tls(ConfigTable table, ListenOptions& listen) {
  listen.certificate = table.text("certificate", "/etc/lineshaft/server.crt").value_or("");
  listen.key = table.text("key", "/etc/lineshaft/server.key").value_or("");
  listen.authority = table.text("authority", "/etc/lineshaft/ca.crt").value_or("");
  table.finish();
}

}  // namespace

ServeConfig parse_config(std::string_view text, const std::string& file) {
  toml::table parsed = parse_toml(text, file);
  ConfigTable root(parsed, "", file);
  ServeConfig config;
  ServeOptions& options = config.options;
  config.devices = root.texts("devices", "vulkan:0").value_or(config.devices);
  options.addresses = root.texts("listen", "unix:/run/lineshaft/lineshaft.sock").value_or(options.addresses);
  for (const std::string& address : options.addresses) try {
      parse_endpoint(address);
    } catch (const Error& error) {
      root.wrong("listen", error.what());
    }
  config.metrics = root.text("metrics", "127.0.0.1:9469").value_or("");
  auto window = root.bytes("window", 4 * kMebibyte);
  if (window) options.window = static_cast<size_t>(*window);
  if (auto slice = root.number("slice_ms", 0.1, 1000)) options.slice_ns = static_cast<int64_t>(*slice * 1e6);
  if (auto hang = root.number("hang_s", 1, 86'400)) options.hang_ns = static_cast<int64_t>(*hang * 1e9);
  options.sandbox = root.boolean("sandbox").value_or(options.sandbox);
  if (auto socket = root.table("socket")) read_socket(*socket, options.listen);
  if (auto tls = root.table("tls")) read_tls(*tls, options.listen);
  options.guests = guests_of(root);
  root.finish();
  return config;
}

ServeConfig read_config(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  std::error_code ignored;
  bool folder = std::filesystem::is_directory(path, ignored);
  LS_REQUIRE(file && !folder, "the configuration file ", path,
             " cannot be read: ", folder ? "it is a folder" : system_error());
  text << file.rdbuf();
  return parse_config(text.str(), path);
}

}  // namespace lineshaft
