#include "backends/vulkan/planning/elements.h"

#include <algorithm>
#include <charconv>

#include "lineshaft/base/error.h"
#include "platform/environment.h"

namespace lineshaft::vulkan {

int64_t lowered(const Lowered& what, int64_t limit) {
  auto wanted = environment(what.variable);
  if (!wanted || wanted->empty()) return limit;
  int64_t number = 0;
  const char* end = wanted->data() + wanted->size();
  auto [stop, error] = std::from_chars(wanted->data(), end, number);
  return error != std::errc{} || stop != end || number < what.least ? -1 : std::min(number, limit);
}

int64_t most_elements() {
  // What an aligned binding holds before and behind them is counted in 31 bits too.
  static const int64_t most = lowered(kElements, INT32_MAX - 512);
  return most;
}

uint32_t element_count(int64_t count) {
  if (count > most_elements())
    fail(ErrorCode::kUnsupported, count, " elements pass the ", most_elements(),
         " that this device's kernels count; use a smaller batch");
  return static_cast<uint32_t>(count);
}

}  // namespace lineshaft::vulkan
