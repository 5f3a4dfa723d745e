#include "csrc/core/graph.h"

#if __has_include(<ATen/core/GraphImplInterface.h>)
#include <ATen/core/GraphImplInterface.h>
#define LINESHAFT_TORCH_GRAPHS 1
#endif

#include <torch/csrc/autograd/function.h>

#include <atomic>
#include <fstream>

#include "csrc/core/devices.h"
#include "csrc/core/error.h"

namespace lineshaft::torch {
namespace {

#ifdef LINESHAFT_TORCH_GRAPHS
class GraphImpl final : public at::GraphImplInterface {
 public:
  explicit GraphImpl(const at::GraphImplArgs&) {}

  void capture_begin(c10::MempoolId_t, at::GraphCaptureMode) override {
    translated([&] { graph_.begin(current_device()); });
  }
  void capture_end() override {
    translated([&] { graph_.end(); });
  }
  void instantiate() override {
    translated([&] { graph_.list(); });
  }
  void replay() override {
    translated([&] { graph_.replay(); });
  }
  void reset() override {
    TORCH_CHECK(!graph_.is_capturing(), "reset() is called while the graph is captured; call capture_end() first");
    graph_.reset();
  }

  c10::MempoolId_t pool() const override { return pool_; }
  void enable_debug_mode() override { debug_ = true; }
  void debug_dump(const std::string& path) override {
    TORCH_CHECK(debug_, "a graph is written only after enable_debug_mode(), called before the capture");
    std::ofstream file(path);
    file << translated([&] { return to_string(graph_.list()); });
    TORCH_CHECK(file.flush(), "the graph cannot be written to ", path);
  }

 private:
  static c10::MempoolId_t next_pool() {
    static std::atomic<c10::CaptureId_t> next{1};
    return {0, next++};
  }

  frontend::CapturedGraph graph_;
  bool debug_ = false;
  c10::MempoolId_t pool_ = next_pool();
};

// Under the device's name, which it has from rename_privateuse1_backend on; `import torch` loads the extension before
// that.
const bool graphs_registered = [] {
  at::GraphImplRegistry()->Register("LINESHAFT",
                                    [](const at::GraphImplArgs& args) -> std::unique_ptr<at::GraphImplInterface> {
                                      return std::make_unique<GraphImpl>(args);
                                    });
  return true;
}();
#endif

}  // namespace

void require_capturing_thread(c10::DeviceIndex device) {
  // A backward pass runs in threads of PyTorch's own.
  if (!frontend::is_captured_elsewhere(device) || ::torch::autograd::get_current_node()) return;
  TORCH_CHECK(false, "a graph is captured on lineshaft:", int{device},
              " by another thread, and would hold what this thread does. Wait until the capture has ended, or do this "
              "before it begins");
}

}  // namespace lineshaft::torch
