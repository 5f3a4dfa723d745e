#include <fstream>

#include "backends/cpu/device.h"
#include "backends/cpu/parallel.h"
#include "platform/environment.h"

namespace lineshaft::cpu {
namespace {

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "CPU";
}

class CpuBackend final : public Backend {
 public:
  std::string name() const override { return "cpu"; }

  std::vector<DeviceProperties> enumerate(std::vector<Finding>&) override {
    DeviceProperties cpu;
    cpu.backend = "cpu";
    cpu.threads = thread_count();
    cpu.name = concat(processor_name(), ", ", cpu.threads, cpu.threads == 1 ? " thread" : " threads");
    cpu.driver = "lineshaft";
    cpu.device_class = DeviceClass::kCpu;
    cpu.memory = physical_memory();
    cpu.features = {"f64", "f16", "bf16", "i64", "i16", "i8"};
    return {cpu};
  }

  std::unique_ptr<Device> open(int) override {
    std::vector<Finding> ignored;
    return std::make_unique<CpuDevice>(enumerate(ignored)[0]);
  }
};

}  // namespace

std::unique_ptr<Backend> make_backend() {
  return std::make_unique<CpuBackend>();
}

}  // namespace lineshaft::cpu
