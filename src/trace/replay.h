// Runs a trace on a device: to time it, or beside another device to find the first operation on which they differ.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/command_export.h"
#include "lineshaft/commands/executor.h"
#include "lineshaft/fusion/fusion.h"
#include "trace/trace.h"

namespace lineshaft {

struct ReplayOptions {
  bool fusion = true;
  bool profile = false;  // waits after every operation, to time each kind
  FusionLimits limits;
};

struct ReplayResult {
  struct Kind {
    int64_t operations = 0;
    double seconds = 0;  // with profile
  };
  int64_t lists = 0;
  int64_t recorded = 0;  // operations in the trace
  int64_t executed = 0;  // after fusion
  int64_t uploaded = 0;  // bytes
  double seconds = 0;    // of running, without reading the file
  std::array<Kind, kOpKindCount> kinds;
};

// Every list is validated first, then run. Rethrows what operations find while running.
LINESHAFT_COMMAND_EXPORT ReplayResult replay(TraceReader& trace, Executor& executor, const ReplayOptions& options);

struct Difference {
  std::string command;   // as printed
  std::string output;    // the view
  int64_t elements = 0;  // that differ
  int64_t first = 0;     // the row-major number of the first of them
  double a = 0, b = 0;   // its values
  double worst = 0;      // the largest |a - b| / (1 + |a|)
};

struct CompareOptions {
  size_t differences = 10;  // stop after so many operations
  double tolerance = 1;     // times the dtype's own: f64 1e-9, f32 1e-4, f16 1e-2, bf16 5e-2; integers are exact
};

// Runs each operation by itself on both. Where outputs differ, b gets a's, so that each operation is judged alone.
LINESHAFT_COMMAND_EXPORT std::vector<Difference> compare(TraceReader& trace, Executor& a, Executor& b,
                                                         const CompareOptions& options);

}  // namespace lineshaft
