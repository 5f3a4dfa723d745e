// vm: from inside a virtual machine; vm:WINDOW on its host. Shared memory that QEMU shows to the guest, and
// virtio-serial ports as doorbells: stock guest kernels, no module of ours.
#include "lineshaft/base/error.h"
#include "transport/transport.h"
#include "transport/vm_guest.h"
#include "transport/vm_host.h"

namespace lineshaft {
namespace {

class VmTransport final : public Transport {
 public:
  std::string_view scheme() const override { return "vm"; }

  std::unique_ptr<Connection> connect(std::string_view address) override {
    LS_REQUIRE(address.empty(), "a virtual machine has one window, found by itself: LINESHAFT_SERVER=vm: takes no \"",
               address, "\"");
    return connect_vm();
  }

  std::unique_ptr<Listener> listen(std::string_view address, const ListenOptions&) override {
    return listen_vm(std::string(address));
  }

  std::unique_ptr<Connection> adopt(Arrival arrival, const AdoptOptions&) override {
    return adopt_vm(std::move(arrival));
  }
};

}  // namespace

std::unique_ptr<Transport> vm_transport() {
  return std::make_unique<VmTransport>();
}

}  // namespace lineshaft
