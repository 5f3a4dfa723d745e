// Devices and the backends that make them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/fusion/fusion.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft {

enum class DeviceClass : uint8_t { kDiscreteGpu, kIntegratedGpu, kVirtualGpu, kCpu, kSoftwareGpu };

struct DeviceProperties {
  std::string backend;  // "cpu", "vulkan"
  int index = 0;        // the number of the device among its backend's devices
  std::string name;     // "NVIDIA H200", "Intel(R) Xeon(R) Processor, 2 threads"
  std::string driver;   // "llvmpipe 22.3.6"
  DeviceClass device_class = DeviceClass::kCpu;
  std::array<uint8_t, 16> uuid{};
  int64_t memory = 0;                 // bytes that the device may allocate
  int threads = 0;                    // of the CPU backend's device; else 0
  std::vector<std::string> features;  // "f16", "f64", "i64", "subgroups", ...: what the device computes natively
  FusionLimits fusion;
  bool asked_for = false;  // the user named the server that lends it: it goes before all others

  std::string id() const { return backend + ":" + std::to_string(index); }
};

// An opened device of a backend. Who opened it owns it and destroys its stream first.
class LINESHAFT_EXPORT Device : public Executor {
 public:
  virtual const DeviceProperties& properties() const = 0;
  // Kernels sent to an accelerator so far; 0 for a device without one. Conformance tests use it to check that no
  // operation runs on the host instead.
  virtual uint64_t dispatches() const { return 0; }
  // Releases what the device holds while it is idle, such as threads that poll for work, because another process uses
  // the device next. The thread that submits calls it when all work is done.
  virtual void pause() {}
  // Limits the bytes that buffers, caches and scratch may take together from now on, to what a server grants a guest.
  // What needs more fails with Error(kOutOfMemory); for an operation, the next wait throws it.
  virtual void limit_memory(int64_t bytes) = 0;
};

// What a finding means for a program that uses devices.
enum class Severity : uint8_t {
  kNote,     // `lineshaft devices` and `lineshaft doctor` show it
  kWarning,  // a device that exists, and that the user did not name, is not usable: where no GPU is used instead, the
             // warning is printed once, at the first use of a device
  kError     // the user named it by an environment variable: no other device takes its place, and it is an error
};

// Something that was looked for, and the reason why it is not usable. `lineshaft devices` and `lineshaft doctor` show
// it.
struct Finding {
  std::string what;     // "vulkan"
  std::string problem;  // "the Vulkan loader libvulkan.so.1 is not installed"
  std::string remedy;   // "install it: apt-get install libvulkan1"
  Severity severity = Severity::kNote;

  std::string text() const { return what + ": " + problem + "; " + remedy; }
};

class LINESHAFT_EXPORT Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string name() const = 0;
  // Whether its devices belong to a server, another process, which must be asked for them. Such a backend is asked only
  // where the selection includes its devices.
  virtual bool asks_a_server() const { return false; }
  // Whether its first device is the host itself, which computes what another device cannot. This is so for exactly one
  // backend.
  virtual bool is_host() const { return false; }
  // The devices in the backend's own order. Never throws: problems are added to `findings`. Called once, and again only
  // after a finding of Severity::kError.
  virtual std::vector<DeviceProperties> enumerate(std::vector<Finding>& findings) = 0;
  virtual std::unique_ptr<Device> open(int index) = 0;
};

// Backends are listed in backends/backends.def.
LINESHAFT_EXPORT void register_backend(std::unique_ptr<Backend> backend);
LINESHAFT_EXPORT const std::vector<std::unique_ptr<Backend>>& backends();
// The backend of that name. Throws Error where there is none.
LINESHAFT_EXPORT Backend& backend_named(std::string_view name);
// Opens the device that is the host itself, whatever is selected. The caller owns it.
LINESHAFT_EXPORT std::unique_ptr<Device> open_host_device();

}  // namespace lineshaft
