#include "lineshaft/frontend/graph.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace lineshaft::frontend {
namespace {

constexpr uint64_t kCounters = uint64_t{1} << 40;  // of a generator, in a graph

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

// The placeholders for seeds that were ever handed out: a state that is taken in a capture says by its seed that it is
// one. With the lock held.
std::unordered_set<uint64_t>& seed_placeholders() {
  static auto* made = new std::unordered_set<uint64_t>;
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
  std::lock_guard lock(captures_mutex);
  return seed_placeholders().contains(static_cast<uint64_t>(state.seed));
}

size_t GraphDraws::number_of(const GeneratorRef& generator) {
  size_t n = 0;
  while (n < sources_.size() && sources_[n].generator != generator) ++n;
  if (n == sources_.size()) {
    sources_.push_back({generator, stream_->new_parameter(), stream_->new_parameter(kCounters)});
    seed_placeholders().insert(sources_[n].seed.first);
  }
  return n;
}

Draw GraphDraws::state(size_t number) const {
  const Source& source = sources_[number];
  return {static_cast<int64_t>(source.seed.first), static_cast<int64_t>(source.counters.first + source.count)};
}

void GraphDraws::set_state(size_t number, Draw state) {
  Source& source = sources_[number];
  uint64_t count = static_cast<uint64_t>(state.offset) - source.counters.first;
  LS_REQUIRE(static_cast<uint64_t>(state.seed) == source.seed.first && count <= source.most,
             "this generator's state was taken in another capture or is another generator's");
  source.count = count;
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
  for (const Source& source : sources_) {
    result.push_back(source.seed);
    result.push_back({source.counters.first, std::max<uint64_t>(source.most, 1)});
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
  LS_REQUIRE(!capturing_, "this graph captures already; call capture_end() before it captures again");
  Stream& captured_on = stream(device);
  captured_on.begin_capture();
  device_ = device;
  stream_ = &captured_on;
  std::lock_guard lock(captures_mutex);
  captured()[device] = {std::this_thread::get_id(), GraphDraws(*stream_)};
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
