#include "commands/range.h"

namespace lineshaft {
namespace {

void require_inside(const TensorView& view, int64_t total) {
  ByteRange range = byte_range(view);
  LS_REQUIRE(lies_within(range, total), "view ", to_string(view), " touches bytes ", range.begin, " to ", range.end,
             " of a buffer of ", total);
}

}  // namespace

void require_inside(const TensorView& view, const Touch& touch, int64_t total) {
  require_inside(view, total);
  if (touch.anywhere()) require_inside(touch.whole(view), total);
}

}  // namespace lineshaft
