// The guest's side of a lent device: encodes lists and sends them. Creating, submitting and releasing never wait for a
// reply; a read does.
#pragma once

#include <memory>
#include <string>

#include "lineshaft/device/device.h"

namespace lineshaft::remote {

std::unique_ptr<Device> make_device(const std::string& address, const DeviceProperties& properties);

}  // namespace lineshaft::remote
