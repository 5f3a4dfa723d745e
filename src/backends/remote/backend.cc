// The devices that a server lends to this environment. LINESHAFT_SERVER names the server; without it an environment
// that has no GPU of its own looks for the well-known socket, then for a virtual machine's window. A process beside its
// server, in the same environment, uses the devices themselves unless LINESHAFT_SERVER says otherwise.
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "backends/remote/client.h"
#include "backends/remote/device.h"
#include "platform/environment.h"
#include "platform/graphics.h"
#include "transport/transport.h"
#include "transport/vm_ports.h"

namespace lineshaft::remote {
namespace {

DeviceProperties properties_of(const wire::DeviceInfo& info, int index, bool asked_for) {
  DeviceProperties device;
  device.backend = "remote";
  device.index = index;
  device.name = info.name;
  device.driver = info.driver;
  if (info.device_class > static_cast<uint8_t>(DeviceClass::kSoftwareGpu))
    fail(ErrorCode::kProtocol, "device class ", int{info.device_class}, " is unknown");
  device.device_class = static_cast<DeviceClass>(info.device_class);
  std::memcpy(device.uuid.data(), info.uuid.data(), std::min(info.uuid.size(), device.uuid.size()));
  device.memory = info.memory;
  device.threads = info.threads;
  device.features = info.features;
  device.fusion = {info.max_views, info.max_instructions, std::ranges::count(info.features, "f64") > 0};
  device.asked_for = asked_for;
  return device;
}

bool has_own_gpu() {
  GraphicsFiles files = find_graphics_files();
  return files.nvidia || std::ranges::any_of(files.render_nodes, [](const RenderNode& node) { return node.usable; });
}

class RemoteBackend final : public Backend {
 public:
  std::string name() const override { return "remote"; }

  std::vector<DeviceProperties> enumerate(std::vector<Finding>& findings) override {
    if (auto server = environment("LINESHAFT_SERVER")) return devices_of(*server, true, findings);
    if (has_own_gpu()) return {};
    for (const std::string& path : well_known_sockets())
      if (::access(path.c_str(), F_OK) == 0) return devices_of("unix:" + path, false, findings);
    if (!find_port(0).empty()) return devices_of("vm:", false, findings);
    return {};
  }

  std::unique_ptr<Device> open(int index) override { return make_device(address_, devices_.at(index)); }

 private:
  std::vector<DeviceProperties> devices_of(const std::string& address, bool asked_for, std::vector<Finding>& findings) {
    try {
      Greeted greeted = greet(address);
      greeted.channel->send(wire::FrameType::kGoodbye);
      if (!asked_for && greeted.welcome.environment == environment_identity()) return {};
      address_ = address;
      devices_.clear();
      for (const wire::DeviceInfo& info : greeted.welcome.devices)
        devices_.push_back(properties_of(info, static_cast<int>(devices_.size()), asked_for));
    } catch (const Error& error) {
      findings.push_back({"server", error.what(),
                          asked_for ? "LINESHAFT_SERVER=" + address + " names it; `lineshaft doctor` checks it"
                                    : "to do without it: LINESHAFT_DEVICES=cpu"});
    }
    return devices_;
  }

  std::string address_;
  std::vector<DeviceProperties> devices_;
};

}  // namespace

std::unique_ptr<Backend> make_backend() {
  return std::make_unique<RemoteBackend>();
}

}  // namespace lineshaft::remote
