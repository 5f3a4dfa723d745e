// Graphs for frameworks: what is recorded on a device between begin() and end() is kept, and runs at each replay() on
// the same buffers. Random numbers continue from run to run as they would without a graph: operators that draw them are
// captured with placeholders, which each replay replaces by the generators' states.
#pragma once

#include <functional>
#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/frontend/devices.h"
#include "lineshaft/frontend/generator.h"

namespace lineshaft::frontend {

// The generators that a capture uses: the state of each in the graph, and how many of its counters a run uses. One
// thread at a time uses it; with_captured_draws holds a lock.
class LINESHAFT_EXPORT GraphDraws {
 public:
  // Whether the seed of the state is a placeholder of this or an earlier capture.
  static bool is_placeholder(Draw state);

  GraphDraws() = default;
  explicit GraphDraws(Stream& stream) : stream_(&stream) {}

  // The number of a generator in this capture. A generator gets its number at its first use.
  size_t number_of(const GeneratorRef& generator);
  Draw state(size_t number) const;
  void set_state(size_t number, Draw state);
  Draw take(size_t number, uint64_t count);

  std::vector<GraphParameter> parameters() const;
  std::vector<uint64_t> values();  // for one run: the states of the generators, which it advances

 private:
  struct Source {
    GeneratorRef generator;
    GraphParameter seed, counters;
    uint64_t count = 0, most = 0;
  };
  Stream* stream_ = nullptr;  // the stream that captures
  std::vector<Source> sources_;
};

// Whether a graph is being captured: on any device, on this device, on this device by another thread.
LINESHAFT_EXPORT bool is_capturing() noexcept;
LINESHAFT_EXPORT bool is_captured(int device);
LINESHAFT_EXPORT bool is_captured_elsewhere(int device);

// Calls f with the GraphDraws of the graph that is being captured on the device. Returns false where none is.
LINESHAFT_EXPORT bool with_captured_draws(int device, const std::function<void(GraphDraws&)>& f);

// One captured graph. One thread at a time uses it.
class LINESHAFT_EXPORT CapturedGraph {
 public:
  CapturedGraph() = default;
  ~CapturedGraph() { reset(); }
  CapturedGraph(const CapturedGraph&) = delete;
  CapturedGraph& operator=(const CapturedGraph&) = delete;

  // begin(), end(), then replay() any number of times. Each throws Error(kInvalidArgument) where it is called out of
  // this order; end() also what Stream::end_capture throws, and replay() where the device was reconnected since the
  // capture.
  void begin(int device);
  void end();
  void replay();
  const CommandList& list() const;  // what replay() runs

  bool is_capturing() const { return capturing_; }
  bool is_captured() const { return graph_ != nullptr; }
  // Forgets the graph. A capture that has not ended is ended and dropped.
  void reset() noexcept;

 private:
  int device_ = -1;
  Stream* stream_ = nullptr;  // lives as long as the process
  bool capturing_ = false;
  GraphRef graph_;
  GraphDraws draws_;
};

}  // namespace lineshaft::frontend
