// What `lineshaft top` shows: two statuses of a server, some time apart, as lines of text.
#pragma once

#include <string>
#include <vector>

#include "server/status.h"

namespace lineshaft::cli {

struct TopScreen {
  std::vector<std::string> lines;
  std::vector<size_t> headings;  // of `lines`, for bold type
};

// Rates are differences between the two; `before` may be the same as `now`, and they are 0. No line is wider than
// `width` (0: as wide as it gets): the less important columns are left out, then lines are cut. Not more than `height`
// lines (0: all), with the busiest guests first.
TopScreen top_screen(const ServerStatus& before, const ServerStatus& now, size_t width, size_t height);

}  // namespace lineshaft::cli
