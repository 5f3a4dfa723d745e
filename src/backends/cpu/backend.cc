#include "backends/cpu/device.h"
#include "backends/cpu/parallel.h"
#include "backends/cpu/simd/kernels.h"
#include "platform/environment.h"

namespace lineshaft::cpu {
namespace {

class CpuBackend final : public Backend {
 public:
  std::string name() const override { return "cpu"; }
  bool is_host() const override { return true; }

  std::vector<DeviceProperties> enumerate(std::vector<Finding>& findings) override {
    try {
      return {properties()};
    } catch (const Error& error) {
      findings.push_back({"cpu", error.what(), "correct it, or unset it", Severity::kError});
      return {};
    }
  }

  std::unique_ptr<Device> open(int) override { return std::make_unique<CpuDevice>(properties()); }

 private:
  // Throws where a variable of the CPU backend is wrong.
  static DeviceProperties properties() {
    current_isa();
    DeviceProperties cpu;
    cpu.backend = "cpu";
    cpu.threads = thread_count();
    std::string processor = processor_name();
    cpu.name =
        concat(processor.empty() ? "CPU" : processor, ", ", cpu.threads, cpu.threads == 1 ? " thread" : " threads");
    cpu.driver = "lineshaft";
    cpu.device_class = DeviceClass::kCpu;
    cpu.memory = physical_memory();
    cpu.features = {"f64", "f16", "bf16", "i64", "i16", "i8"};
    return cpu;
  }
};

}  // namespace

std::unique_ptr<Backend> make_backend() {
  return std::make_unique<CpuBackend>();
}

}  // namespace lineshaft::cpu
