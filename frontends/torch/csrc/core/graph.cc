#include "csrc/core/graph.h"

#if __has_include(<ATen/core/GraphImplInterface.h>)
#include <ATen/core/GraphImplInterface.h>
#define LINESHAFT_TORCH_GRAPHS 1
#endif

#include <torch/csrc/autograd/function.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "csrc/core/devices.h"
#include "csrc/core/error.h"
#include "csrc/core/kernel.h"

namespace lineshaft::torch {
namespace {

// Generator n's seed stands as kSeeds + n and its counters from kOffsets + n * kCounters on: numbers that programs do
// not use, as they are no small integer and, read as a float, of a magnitude that no training meets.
constexpr uint64_t kSeeds = 0x6c73'6565'6400'0000;
constexpr uint64_t kOffsets = 0x6c74'0000'0000'0000;
constexpr uint64_t kCounters = uint64_t{1} << 40;
constexpr size_t kGenerators = 100;

bool is_placeholder(Draw state) {
  auto seed = static_cast<uint64_t>(state.seed);
  return seed >= kSeeds && seed < kSeeds + kGenerators;
}

// The generators that a capture draws from, where each stands, and how many of its counters were drawn at most.
struct Draws {
  struct Source {
    at::Generator generator;
    uint64_t count = 0, most = 0;
  };
  std::vector<Source> sources;

  size_t number_of(const at::Generator& generator) {
    size_t n = 0;
    while (n < sources.size() && !(sources[n].generator == generator)) ++n;
    if (n == sources.size()) {
      TORCH_CHECK(n < kGenerators, "a graph draws from more than ", kGenerators, " generators");
      sources.push_back({generator});
    }
    return n;
  }

  Draw state(size_t n) const {
    return {static_cast<int64_t>(kSeeds + n), static_cast<int64_t>(kOffsets + n * kCounters + sources[n].count)};
  }

  void set_state(size_t n, Draw state) {
    uint64_t count = static_cast<uint64_t>(state.offset) - kOffsets - n * kCounters;
    TORCH_CHECK(static_cast<uint64_t>(state.seed) == kSeeds + n && count <= sources[n].most,
                "this generator's state was taken in another capture or is another generator's");
    sources[n].count = count;
  }

  Draw take(const at::Generator& generator, uint64_t count) {
    size_t n = number_of(generator);
    uint64_t first = sources[n].count;
    Draw draw = state(n);
    TORCH_CHECK(count <= kCounters - first, "a graph draws ", count, " random numbers after ", first,
                "; the limit of a generator is ", kCounters, "; capture less");
    sources[n].count += count;
    sources[n].most = std::max(sources[n].most, sources[n].count);
    return draw;
  }

  std::vector<GraphParameter> parameters() const {
    std::vector<GraphParameter> result;
    for (size_t n = 0; n < sources.size(); ++n) {
      result.push_back({kSeeds + n, 1});
      result.push_back({kOffsets + n * kCounters, std::max<uint64_t>(sources[n].most, 1)});
    }
    return result;
  }

  // The generators' states, which go on.
  std::vector<uint64_t> values() {
    std::vector<uint64_t> result;
    for (Source& source : sources) {
      std::lock_guard lock(source.generator.mutex());
      auto* state = static_cast<GeneratorImpl*>(source.generator.unsafeGetGeneratorImpl());
      result.push_back(state->current_seed());
      result.push_back(state->get_offset());
      state->set_offset(state->get_offset() + source.most);
    }
    return result;
  }
};

struct Capture {
  std::thread::id thread;  // that captures
  Draws draws;
};

std::mutex captures_mutex;
std::atomic<int> captures{0};
std::unordered_map<int, Capture> captured;  // by device, while a graph is captured there

// Calls f with the device's capture if there is one.
template <class F>
bool with_capture(c10::DeviceIndex device, F&& f) {
  if (captures == 0) [[likely]]
    return false;
  std::lock_guard lock(captures_mutex);
  auto found = captured.find(device);
  if (found == captured.end()) return false;
  f(found->second);
  return true;
}

at::Generator generator_of(const GeneratorImpl& generator) {
  return at::Generator(c10::intrusive_ptr<c10::GeneratorImpl>::reclaim_copy(const_cast<GeneratorImpl*>(&generator)));
}

#ifdef LINESHAFT_TORCH_GRAPHS
class GraphImpl final : public at::GraphImplInterface {
 public:
  explicit GraphImpl(const at::GraphImplArgs&) {}
  ~GraphImpl() override { end(); }

  void capture_begin(c10::MempoolId_t, at::GraphCaptureMode) override {
    TORCH_CHECK(!graph_, "this graph holds a capture already; call reset() before it captures again");
    device_ = current_device();
    stream_ = &stream(device_);
    translated([&] { stream_->begin_capture(); });
    std::lock_guard lock(captures_mutex);
    captured[device_] = {std::this_thread::get_id(), {}};
    ++captures;
    capturing_ = true;
  }

  void capture_end() override {
    TORCH_CHECK(capturing_, "capture_end() is called on a graph that captures nothing; call capture_begin() first");
    capturing_ = false;
    {
      std::lock_guard lock(captures_mutex);
      draws_ = std::move(captured[device_].draws);
      captured.erase(device_);
      --captures;
    }
    graph_ = translated([&] { return stream_->end_capture(draws_.parameters()); });
  }

  void instantiate() override { require_graph(); }

  void replay() override {
    require_graph();
    TORCH_CHECK(stream_ == &stream(device_), "this graph was captured before lineshaft:", int{device_},
                " was reconnected; capture it again");
    std::vector<uint64_t> values = draws_.values();
    translated([&] { stream_->replay(graph_, values); });
  }

  void reset() override {
    TORCH_CHECK(!capturing_, "reset() is called while the graph is captured; call capture_end() first");
    end();
  }

  c10::MempoolId_t pool() const override { return pool_; }
  void enable_debug_mode() override { debug_ = true; }
  void debug_dump(const std::string& path) override {
    TORCH_CHECK(debug_, "a graph is written only after enable_debug_mode(), called before the capture");
    require_graph();
    std::ofstream file(path);
    file << to_string(graph_->list());
    TORCH_CHECK(file.flush(), "the graph cannot be written to ", path);
  }

 private:
  void require_graph() const {
    TORCH_CHECK(graph_, "this graph holds no capture; call capture_begin() and capture_end(), or use it in `with`");
  }
  void end() noexcept {
    if (capturing_ && is_usable()) {
      try {
        capture_end();                   // it was given up in the middle: the device goes on
      } catch (const std::exception&) {  // then nothing of it is kept, as is wanted
      }
    }
    if (graph_ && is_usable()) stream_->forget(graph_);
    graph_.reset();
    draws_ = {};
  }

  static c10::MempoolId_t next_pool() {
    static std::atomic<c10::CaptureId_t> next{1};
    return {0, next++};
  }

  c10::DeviceIndex device_ = -1;
  Stream* stream_ = nullptr;  // lives as long as the process
  bool capturing_ = false, debug_ = false;
  GraphRef graph_;
  Draws draws_;
  c10::MempoolId_t pool_ = next_pool();
};

// Under the device's name, which it has from rename_privateuse1_backend on; `import torch` loads the extension before
// that.
const bool registered = [] {
  at::GraphImplRegistry()->Register("LINESHAFT",
                                    [](const at::GraphImplArgs& args) -> std::unique_ptr<at::GraphImplInterface> {
                                      return std::make_unique<GraphImpl>(args);
                                    });
  return true;
}();
#endif

}  // namespace

bool is_capturing() noexcept {
  return captures != 0;
}

bool is_captured(c10::DeviceIndex device) {
  return with_capture(device, [](Capture&) {});
}

void require_capturing_thread(c10::DeviceIndex device) {
  bool other = false;
  with_capture(device, [&](Capture& capture) { other = capture.thread != std::this_thread::get_id(); });
  // A backward pass runs in threads of PyTorch's own.
  if (!other || ::torch::autograd::get_current_node()) return;
  TORCH_CHECK(false, "a graph is captured on lineshaft:", int{device},
              " by another thread, and would hold what this thread does. Wait until the capture has ended, or do this "
              "before it begins");
}

std::optional<Draw> capture_draw(const at::Generator& generator, int64_t count) {
  std::optional<Draw> draw;
  with_capture(generator.device().index(),
               [&](Capture& capture) { draw = capture.draws.take(generator, static_cast<uint64_t>(count)); });
  return draw;
}

std::optional<Draw> capture_state(const GeneratorImpl& generator) {
  std::optional<Draw> state;
  with_capture(generator.device().index(), [&](Capture& capture) {
    state = capture.draws.state(capture.draws.number_of(generator_of(generator)));
  });
  return state;
}

bool set_capture_state(const GeneratorImpl& generator, Draw state) {
  bool placeholder = is_placeholder(state);
  bool capturing = with_capture(generator.device().index(), [&](Capture& capture) {
    TORCH_CHECK(
        placeholder,
        "while a graph is captured a generator takes only states that were taken in the same capture: the seed is "
        "each replay's. Set the state before the capture");
    capture.draws.set_state(capture.draws.number_of(generator_of(generator)), state);
  });
  TORCH_CHECK(capturing || !placeholder,
              "this generator's state was taken while a graph was captured, and means nothing outside of it");
  return capturing;
}

void require_no_capture(const GeneratorImpl& generator) {
  TORCH_CHECK(!is_captured(generator.device().index()),
              "a generator is not seeded while a graph is captured on its device: the seed is each replay's. Seed it "
              "before the capture, or before a replay");
}

}  // namespace lineshaft::torch
