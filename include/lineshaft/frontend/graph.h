// Graphs as frameworks capture them: what is recorded on a device between begin() and end() is kept and runs at each
// replay, on the buffers that it was captured with. Random numbers go on from run to run as they would without a graph:
// draws that are captured get placeholders, and each replay puts the generators' states in.
#pragma once

#include <functional>
#include <vector>

#include "lineshaft/base/export.h"
#include "lineshaft/frontend/devices.h"
#include "lineshaft/frontend/generator.h"

namespace lineshaft::frontend {

// The generators that a capture draws from, where each stands in the graph, and how many of its counters a run draws.
class LINESHAFT_EXPORT GraphDraws {
 public:
  // Whether a state's seed was handed out as a placeholder, in this capture or any before.
  static bool is_placeholder(Draw state);

  GraphDraws() = default;
  explicit GraphDraws(Stream& stream) : stream_(&stream) {}

  // The number of a generator in this capture, which it gets at its first use.
  size_t number_of(const GeneratorRef& generator);
  Draw state(size_t number) const;
  void set_state(size_t number, Draw state);
  Draw take(size_t number, uint64_t count);

  std::vector<GraphParameter> parameters() const;
  std::vector<uint64_t> values();  // for one run: the generators' states, which go on

 private:
  struct Source {
    GeneratorRef generator;
    GraphParameter seed, counters;
    uint64_t count = 0, most = 0;
  };
  Stream* stream_ = nullptr;  // that captures
  std::vector<Source> sources_;
};

// Whether a graph is captured: on any device, on this one, on this one by another thread.
LINESHAFT_EXPORT bool is_capturing() noexcept;
LINESHAFT_EXPORT bool is_captured(int device);
LINESHAFT_EXPORT bool is_captured_elsewhere(int device);

// Calls f with the draws of the graph that is captured on the device. False where none is.
LINESHAFT_EXPORT bool with_captured_draws(int device, const std::function<void(GraphDraws&)>& f);

// One captured graph. Its calls come from one thread at a time.
class LINESHAFT_EXPORT CapturedGraph {
 public:
  CapturedGraph() = default;
  ~CapturedGraph() { reset(); }
  CapturedGraph(const CapturedGraph&) = delete;
  CapturedGraph& operator=(const CapturedGraph&) = delete;

  // Throw Error(kInvalidArgument) where the other should have been called first.
  void begin(int device);
  void end();
  void replay();
  const CommandList& list() const;  // what runs

  bool is_capturing() const { return capturing_; }
  bool is_captured() const { return graph_ != nullptr; }
  // Forgets the graph; a capture that goes on is given up.
  void reset() noexcept;

 private:
  int device_ = -1;
  Stream* stream_ = nullptr;  // lives as long as the process
  bool capturing_ = false;
  GraphRef graph_;
  GraphDraws draws_;
};

}  // namespace lineshaft::frontend
