// A map that is prepared to run, for `map`, `map_each` and the epilogues of other operations.
#pragma once

#include "backends/cpu/context.h"
#include "backends/cpu/program/iteration.h"
#include "backends/cpu/program/runner.h"

namespace lineshaft::cpu {

class MapRun {
 public:
  MapRun(Context& context, const Map& op);
  // For memory outside of buffers: `views` gives sizes, strides and dtypes, `addresses` the addresses of the elements
  // (0, 0, ...), inputs first.
  MapRun(Context& context, ProgramRef program, List<TensorView> inputs, List<TensorView> outputs, List<Scalar> args,
         std::span<std::byte* const> addresses);

  int64_t tile_count() const { return tiles_; }
  // The least number of tiles for which a thread is used.
  int64_t grain() const;
  // Runs tiles [begin, end). Several threads may call it at the same time.
  void run(int64_t begin, int64_t end) const;

 private:
  void prepare(Context& context, List<TensorView> inputs, List<TensorView> outputs);
  void plan(Context& context, List<TensorView> inputs, List<TensorView> outputs);
  void fetch_ahead(const TileWalker& walker) const;

  ProgramRef program_;
  List<Scalar> args_;
  InlineVector<std::byte*, 8> addresses_;  // inputs, then outputs
  Iteration space_;                        // operands: outputs, inputs, index sources
  const Plan* plan_ = nullptr;
  int64_t tiles_ = 0;
  bool ahead_ = false;
};

// Runs a whole map on all threads.
void run_map(const MapRun& map);

}  // namespace lineshaft::cpu
