#include "backends/remote/client.h"
#include "base/printable.h"
#include "cli/doctor.h"
#include "cli/text.h"
#include "cli/variables.h"
#include "platform/environment.h"
#include "platform/files.h"
#include "transport/transport.h"
#include "transport/vm_ports.h"

namespace lineshaft::cli {
namespace {

std::string lent_text(const wire::Welcome& welcome) {
  std::string text;
  for (const wire::DeviceInfo& device : welcome.devices)
    text += concat(text.empty() ? "" : "; ", printable(device.name), ", ", bytes_text(device.memory));
  return concat("Lineshaft ", printable(welcome.release), " lends ", text.empty() ? "nothing" : text);
}

std::string well_known_server() {
  for (const std::string& path : well_known_sockets())
    if (file_exists(path)) return "unix:" + path;
  return find_port(0).empty() ? "" : "vm:";
}

Check no_server(const GraphicsFiles& files) {
  std::string remedy = files.container ? "to use a host's GPU: start `lineshaft serve` there and mount its socket here"
                                       : "to use another machine's GPU: set LINESHAFT_SERVER";
  return {"server", State::kNote,
          concat("none: LINESHAFT_SERVER is not set, and there is no ", well_known_sockets().front(),
                 " and no virtual machine's window"),
          remedy};
}

// Where certificates that a variable names were used, which may be what is wrong: that it names them.
std::string certificates_of(const std::string& address) {
  auto folder = environment("LINESHAFT_TLS");
  return folder && address.starts_with("tcp:") ? concat("; LINESHAFT_TLS=", *folder, " names the certificates") : "";
}

// Answers with what the server says, or why it does not.
Check ask(const std::string& address, bool asked_for, bool own_gpu) {
  try {
    remote::Greeted greeted = remote::greet(address);
    greeted.channel->send(wire::FrameType::kGoodbye);
    std::string text = concat(address, ": ", lent_text(greeted.welcome));
    if (asked_for) return {"server", State::kGood, text, ""};
    if (greeted.welcome.environment == environment_identity())
      return {"server", State::kGood, text + "; here its devices are used without it", ""};
    if (own_gpu)
      return {"server", State::kNote, text + "; not used, as there is a GPU here",
              concat("to use it: LINESHAFT_SERVER=", address)};
    return {"server", State::kGood, text, ""};
  } catch (const Error& error) {
    return {"server", asked_for || !own_gpu ? State::kWrong : State::kNote, error.what(),
            asked_for
                ? concat("LINESHAFT_SERVER=", address, " names it; unset it to do without", certificates_of(address))
                : "to do without it: LINESHAFT_DEVICES=cpu"};
  }
}

}  // namespace

std::optional<Check> check_server(const GraphicsFiles& files) {
  bool own_gpu = files.has_usable_gpu();
  auto named = environment("LINESHAFT_SERVER");
  std::string address = named ? *named : well_known_server();
  if (!address.empty()) {
    if (auto text = not_asked(named ? concat("LINESHAFT_SERVER=", address) : address))
      return Check{"server", State::kNote, *text, ""};
    return ask(address, named.has_value(), own_gpu);
  }
  if (own_gpu) return std::nullopt;
  return no_server(files);
}

}  // namespace lineshaft::cli
