#include "transport/vm_guest.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include "lineshaft/base/error.h"
#include "transport/ring_connection.h"
#include "transport/vm_doorbell.h"
#include "transport/vm_ports.h"
#include "transport/vm_window.h"

namespace lineshaft {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr auto kAnswer = 20s;    // a server may have to start a worker
constexpr auto kAgain = 100ms;   // between knocks: the last session's worker may have taken one
constexpr auto kConnected = 2s;  // a server that has just started looks for QEMU once a second
constexpr uint64_t kIvshmemBegin = 0, kDaxBegin = WindowLayout::kHeader;  // offsets in the file

struct GuestWindow {
  Descriptor file;
  uint64_t begin = 0;  // where in the window's file the guest's begins
  WindowLayout layout;

  Mapping slot(uint32_t number) const { return Mapping(file, layout.slot_size, layout.offset(number) - begin); }
};

std::string line_of(const fs::path& path) {
  std::string line;
  std::getline(std::ifstream(path), line);
  return line;
}

std::vector<fs::path> entries(const char* folder) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder, error)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

// Looks for a window in a file that begins at `begin` of the host's; says in `notes` why it is none.
std::optional<GuestWindow> try_file(const std::string& path, uint64_t begin, uint64_t size, std::string& notes) {
  GuestWindow window{Descriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC)), begin, {}};
  try {
    if (!window.file)
      fail(ErrorCode::kDeviceLost, system_error(),
           errno == EPERM ? "; a kernel that is locked down shows an NVDIMM only, see `lineshaft vm args`" : "");
    WindowHeader header;
    Mapping head(window.file, WindowLayout::kAlign, WindowLayout::kHeader - begin);
    std::memcpy(&header, head.bytes().data(), sizeof header);
    window.layout = layout_of(header, begin + size);
    return window;
  } catch (const Error& error) {
    notes += concat("; ", path, ": ", error.what());
    return std::nullopt;
  }
}

GuestWindow find_window() {
  std::string notes;
  for (const fs::path& device : entries("/sys/bus/dax/devices")) {
    uint64_t size = std::strtoull(line_of(device / "size").c_str(), nullptr, 10);
    if (auto window = try_file("/dev/" + device.filename().string(), kDaxBegin, size, notes)) return std::move(*window);
  }
  for (const fs::path& device : entries("/sys/bus/pci/devices")) {
    if (line_of(device / "vendor") != "0x1af4" || line_of(device / "device") != "0x1110") continue;
    std::ofstream(device / "enable") << "1";
    std::error_code error;
    uint64_t size = fs::file_size(device / "resource2", error);
    if (auto window = try_file((device / "resource2").string(), kIvshmemBegin, error ? 0 : size, notes))
      return std::move(*window);
  }
  fail(ErrorCode::kDeviceLost, "this machine has no window of a Lineshaft server",
       notes.empty() ? ": there is neither /dev/dax* nor an ivshmem device" : notes,
       "; on the host give QEMU what `lineshaft vm args` prints, here load the modules nfit, nd_pmem, dax_pmem and "
       "device_dax");
}

uint64_t new_claim() {
  uint64_t claim = 0;
  while (claim == 0) (void)!::getrandom(&claim, sizeof claim, 0);
  return claim;
}

void drain(const Descriptor& port) {
  char bytes[64];
  while (::read(port.get(), bytes, sizeof bytes) > 0) {
  }
}

bool hung_up(const Descriptor& port) {
  pollfd file{port.get(), 0, 0};
  return ::poll(&file, 1, 0) > 0;
}

// Slots that no server serves come first: the others' sessions are still ending.
std::vector<uint32_t> in_order(const GuestWindow& window) {
  std::vector<uint32_t> free, ending;
  for (uint32_t slot = 0; slot < window.layout.slots; ++slot) {
    Mapping mapping = window.slot(slot);
    auto& control = *reinterpret_cast<SlotControl*>(mapping.bytes().data());
    (control.serves.load() == 0 ? free : ending).push_back(slot);
  }
  free.insert(free.end(), ending.begin(), ending.end());
  return free;
}

}  // namespace

std::unique_ptr<Connection> claim_slot(Mapping slot, Descriptor port) {
  auto& control = *reinterpret_cast<SlotControl*>(slot.bytes().data());
  uint64_t claim = new_claim();
  drain(port);
  control.heard = 0;
  control.claim = claim;
  auto deadline = Clock::now() + kAnswer;
  while (control.serves.load() != claim) {
    if (control.refuses.load() == claim) {
      char reason[sizeof control.reason];
      std::memcpy(reason, control.reason, sizeof reason);
      reason[sizeof reason - 1] = 0;
      fail(ErrorCode::kDeviceLost, "the server refuses: ", reason);
    }
    if (Clock::now() > deadline || hung_up(port)) {
      control.claim = 0;
      fail(ErrorCode::kDeviceLost, "the host's server does not answer; its log says why");
    }
    [[maybe_unused]] ssize_t written = ::write(port.get(), &kKnock, 1);
    pollfd file{port.get(), POLLIN, 0};
    if (::poll(&file, 1, static_cast<int>(kAgain.count())) > 0) drain(port);
  }
  std::span<std::byte> rings = slot.bytes().subspan(SlotControl::kPage);
  return make_ring_connection(rings, Side::kGuest, make_vm_guest_doorbell(std::move(slot), std::move(port), claim));
}

std::unique_ptr<Connection> connect_vm() {
  GuestWindow window = find_window();
  auto deadline = Clock::now() + kConnected;
  while (true) {
    uint32_t taken = 0, unserved = 0;
    std::string denied;
    for (uint32_t slot : in_order(window)) {
      std::string path = find_port(slot);
      if (path.empty()) continue;
      Descriptor port(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
      if (!port && errno == EBUSY) {
        ++taken;
      } else if (!port) {
        denied = concat(path, ": ", system_error());
      } else if (hung_up(port)) {
        ++unserved;
      } else {
        return claim_slot(window.slot(slot), std::move(port));
      }
    }
    if (unserved && Clock::now() < deadline) {
      std::this_thread::sleep_for(100ms);
      continue;
    }
    if (unserved)
      fail(ErrorCode::kDeviceLost,
           "no server is connected to this virtual machine; start `lineshaft serve --vm WINDOW`"
           " on the host");
    if (!denied.empty())
      fail(ErrorCode::kDeviceLost, "the ports of the host's server cannot be opened (", denied, "), user ", ::getuid(),
           "; docs/guides/virtual-machines.md has the udev rule that opens them to a group");
    if (taken)
      fail(ErrorCode::kDeviceLost, "all ", taken,
           " slots of the window are taken by processes of this machine; end "
           "one, or make the window with more: `lineshaft vm init --slots`");
    fail(ErrorCode::kDeviceLost,
         "this machine has a window and no port named lineshaft.0; give QEMU all that `lineshaft"
         " vm args` prints, and load the module virtio_console");
  }
}

}  // namespace lineshaft
