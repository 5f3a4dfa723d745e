// The devices that a server lends to this environment. LINESHAFT_SERVER names the server, which then must answer;
// without it an environment that has no GPU of its own looks for the well-known socket, then for a virtual machine's
// window. A process beside its server, in the same environment, uses the devices themselves unless LINESHAFT_SERVER
// says otherwise.
#include "backends/remote/client.h"
#include "backends/remote/device.h"
#include "platform/environment.h"
#include "platform/files.h"
#include "platform/graphics.h"
#include "transport/transport.h"
#include "transport/vm_ports.h"

namespace lineshaft::remote {
namespace {

class RemoteBackend final : public Backend {
 public:
  std::string name() const override { return "remote"; }
  bool asks_a_server() const override { return true; }

  std::vector<DeviceProperties> enumerate(std::vector<Finding>& findings) override {
    if (auto server = environment("LINESHAFT_SERVER")) return devices_of(*server, true, findings);
    if (find_graphics_files().has_usable_gpu()) return {};
    for (const std::string& path : well_known_sockets())
      if (file_exists(path)) return devices_of("unix:" + path, false, findings);
    if (!find_port(0).empty()) return devices_of("vm:", false, findings);
    return {};
  }

  std::unique_ptr<Device> open(int index) override { return make_device(address_, devices_.at(index)); }

 private:
  std::vector<DeviceProperties> devices_of(const std::string& address, bool asked_for, std::vector<Finding>& findings) {
    devices_.clear();
    try {
      Greeted greeted = greet(address);
      greeted.channel->send(wire::FrameType::kGoodbye);
      if (!asked_for && greeted.welcome.environment == environment_identity()) return {};
      address_ = address;
      for (const wire::DeviceInfo& info : greeted.welcome.devices)
        devices_.push_back(properties_of(info, static_cast<int>(devices_.size()), asked_for));
      if (devices_.empty()) fail(ErrorCode::kDeviceLost, "the server at ", address, " lends no device to this guest");
    } catch (const Error& error) {
      devices_.clear();
      findings.push_back(asked_for ? named_server(address, error) : found_server(address, error));
    }
    return devices_;
  }

  static Finding named_server(const std::string& address, const Error& error) {
    return {"server", concat("LINESHAFT_SERVER=", address, " names a server that cannot be used: ", error.what()),
            "no other device takes its place: unset LINESHAFT_SERVER, or set LINESHAFT_DEVICES=cpu, to compute here",
            Severity::kError};
  }
  static Finding found_server(const std::string& address, const Error& error) {
    return {"server", concat("the server at ", address, " cannot be used: ", error.what()),
            "to do without it: LINESHAFT_DEVICES=cpu", Severity::kWarning};
  }

  std::string address_;
  std::vector<DeviceProperties> devices_;
};

}  // namespace

std::unique_ptr<Backend> make_backend() {
  return std::make_unique<RemoteBackend>();
}

}  // namespace lineshaft::remote
