// What Python needs of the extension beyond the operators: lineshaft_torch._C.
#include <torch/csrc/utils/pybind.h>

#include "csrc/core/devices.h"
#include "csrc/core/exit.h"
#include "csrc/core/fallback.h"
#include "csrc/core/generator.h"
#include "csrc/core/graph.h"
#include "csrc/core/set_data.h"
#include "csrc/ops/each.h"
#include <lineshaft/device/counters.h>

namespace lineshaft::torch {
namespace {

namespace py = pybind11;

py::dict describe(int index) {
  const DeviceProperties& device = properties(static_cast<c10::DeviceIndex>(index));
  py::dict result;
  result["id"] = device.id();
  result["backend"] = device.backend;
  result["name"] = device.name;
  result["driver"] = device.driver;
  result["memory"] = device.memory;
  result["threads"] = device.threads;
  result["features"] = device.features;
  return result;
}

py::dict counters(int index) {
  auto counters = stream(static_cast<c10::DeviceIndex>(index)).counters();
  py::dict result;
  result["recorded"] = counters.recorded;
  result["executed"] = counters.executed;
  result["windows"] = counters.windows;
  return result;
}

}  // namespace

PYBIND11_MODULE(_C, m) {
  m.def("device_count", &require_devices, py::call_guard<py::gil_scoped_release>());
  m.def("is_available", &is_available, py::call_guard<py::gil_scoped_release>());
  m.def("is_initialized", &is_initialized);
  m.def("current_device", [] { return int{current_device()}; });
  m.def("set_device", [](int index) { set_current_device(static_cast<c10::DeviceIndex>(index)); });
  m.def("exchange_device", [](int index) { return int{exchange_device(static_cast<c10::DeviceIndex>(index))}; });
  m.def("is_open", [](int index) { return is_open(static_cast<c10::DeviceIndex>(index)); });
  m.def(
      "reconnect", [](int index) { reconnect(static_cast<c10::DeviceIndex>(index)); },
      py::call_guard<py::gil_scoped_release>());
  m.def("is_forked", &is_forked);
  m.def("is_capturing", &is_capturing);
  m.def("describe", &describe);
  m.def("counters", &counters);
  m.def("compilations", &compilations);
  m.def("allow_set_data_across_devices", &allow_set_data_across_devices);
  m.def("is_uniform", [](const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b,
                         const std::vector<at::Tensor>& c, const std::vector<at::Tensor>& d) {
    return is_uniform({a, b, c, d});
  });
  m.def("default_generator", [](int index) { return default_generator(static_cast<c10::DeviceIndex>(index)); });
  m.def("seed_all", [](uint64_t seed) { seed_all(seed); });
  m.def("fallback_counts", &lineshaft::fallback_counts);
  m.def("reset_fallback_counts", &lineshaft::reset_fallback_counts);
  m.def("fallback_summary", &fallback_summary);
  m.def("set_fallback_error",
        [](bool error) { set_fallback_mode(error ? FallbackMode::kError : FallbackMode::kWarn); });
  m.def("is_fallback_error", [] { return fallback_mode() == FallbackMode::kError; });
  m.def("drain_autograd", &drain_autograd, py::call_guard<py::gil_scoped_release>());
  m.def("shut_down", &shut_down, py::arg("close"), py::call_guard<py::gil_scoped_release>());
}

}  // namespace lineshaft::torch
