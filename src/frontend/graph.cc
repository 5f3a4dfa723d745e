#include "frontend/graph.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

namespace lineshaft::frontend {
namespace {

// Generator n's seed stands as kSeeds + n and its counters from kOffsets + n * kCounters on: numbers that programs do
// not use, as they are no small integer and, read as a float, of a magnitude that no training meets.
constexpr uint64_t kSeeds = 0x6c73'6565'6400'0000;
constexpr uint64_t kOffsets = 0x6c74'0000'0000'0000;
constexpr uint64_t kCounters = uint64_t{1} << 40;
constexpr size_t kGenerators = 100;

struct Capture {
  std::thread::id thread;  // that captures
  GraphDraws draws;
};

std::mutex captures_mutex;
std::atomic<int> captures{0};

std::unordered_map<int, Capture>& captured() {  // by device, while a graph is captured there
  static auto* made = new std::unordered_map<int, Capture>;
  return *made;
}

// Calls f with the device's capture if there is one.
template <class F>
bool with_capture(int device, F&& f) {
  if (captures == 0) [[likely]]
    return false;
  std::lock_guard lock(captures_mutex);
  auto found = captured().find(device);
  if (found == captured().end()) return false;
  f(found->second);
  return true;
}

}  // namespace

bool GraphDraws::is_placeholder(Draw state) {
  auto seed = static_cast<uint64_t>(state.seed);
  return seed >= kSeeds && seed < kSeeds + kGenerators;
}

size_t GraphDraws::number_of(const GeneratorRef& generator) {
  size_t n = 0;
  while (n < sources_.size() && sources_[n].generator != generator) ++n;
  if (n == sources_.size()) {
    LS_REQUIRE(n < kGenerators, "a graph draws from more than ", kGenerators, " generators");
    sources_.push_back({generator});
  }
  return n;
}

Draw GraphDraws::state(size_t number) const {
  return {static_cast<int64_t>(kSeeds + number),
          static_cast<int64_t>(kOffsets + number * kCounters + sources_[number].count)};
}

void GraphDraws::set_state(size_t number, Draw state) {
  uint64_t count = static_cast<uint64_t>(state.offset) - kOffsets - number * kCounters;
  LS_REQUIRE(static_cast<uint64_t>(state.seed) == kSeeds + number && count <= sources_[number].most,
             "this generator's state was taken in another capture or is another generator's");
  sources_[number].count = count;
}

Draw GraphDraws::take(size_t number, uint64_t count) {
  Source& source = sources_[number];
  LS_REQUIRE(count <= kCounters - source.count, "a graph draws ", count, " random numbers after ", source.count,
             "; the limit of a generator is ", kCounters, "; capture less");
  Draw draw = state(number);
  source.count += count;
  source.most = std::max(source.most, source.count);
  return draw;
}

std::vector<GraphParameter> GraphDraws::parameters() const {
  std::vector<GraphParameter> result;
  for (size_t n = 0; n < sources_.size(); ++n) {
    result.push_back({kSeeds + n, 1});
    result.push_back({kOffsets + n * kCounters, std::max<uint64_t>(sources_[n].most, 1)});
  }
  return result;
}

std::vector<uint64_t> GraphDraws::values() {
  std::vector<uint64_t> result;
  for (Source& source : sources_) {
    Draw draw = source.generator->take(source.most);
    result.push_back(static_cast<uint64_t>(draw.seed));
    result.push_back(static_cast<uint64_t>(draw.offset));
  }
  return result;
}

bool is_capturing() noexcept {
  return captures != 0;
}

bool is_captured(int device) {
  return with_capture(device, [](Capture&) {});
}

bool is_captured_elsewhere(int device) {
  bool elsewhere = false;
  with_capture(device, [&](Capture& capture) { elsewhere = capture.thread != std::this_thread::get_id(); });
  return elsewhere;
}

bool with_captured_draws(int device, const std::function<void(GraphDraws&)>& f) {
  return with_capture(device, [&](Capture& capture) { f(capture.draws); });
}

void CapturedGraph::begin(int device) {
  LS_REQUIRE(!graph_, "this graph holds a capture already; call reset() before it captures again");
  device_ = device;
  stream_ = &stream(device);
  stream_->begin_capture();
  std::lock_guard lock(captures_mutex);
  captured()[device] = {std::this_thread::get_id(), {}};
  ++captures;
  capturing_ = true;
}

void CapturedGraph::end() {
  LS_REQUIRE(capturing_, "capture_end() is called on a graph that captures nothing; call capture_begin() first");
  capturing_ = false;
  {
    std::lock_guard lock(captures_mutex);
    draws_ = std::move(captured()[device_].draws);
    captured().erase(device_);
    --captures;
  }
  graph_ = stream_->end_capture(draws_.parameters());
}

void CapturedGraph::replay() {
  LS_REQUIRE(graph_, "this graph holds no capture; call capture_begin() and capture_end(), or use it in `with`");
  LS_REQUIRE(stream_ == &stream(device_), "this graph was captured before lineshaft:", device_,
             " was reconnected; capture it again");
  stream_->replay(graph_, draws_.values());
}

const CommandList& CapturedGraph::list() const {
  LS_REQUIRE(graph_, "this graph holds no capture; call capture_begin() and capture_end(), or use it in `with`");
  return graph_->list();
}

void CapturedGraph::reset() noexcept {
  if (capturing_ && is_usable()) {
    try {
      end();                           // it was given up in the middle: the device goes on
    } catch (const std::exception&) {  // then nothing of it is kept, as is wanted
    }
  }
  if (graph_ && is_usable()) stream_->forget(graph_);
  graph_.reset();
  draws_ = {};
}

}  // namespace lineshaft::frontend
