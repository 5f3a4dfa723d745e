#include "lineshaft/frontend/padding.h"

#include "lineshaft/frontend/map.h"

namespace lineshaft::frontend {

void record_pad_positions(Stream& stream, formulas::PadMode mode, int64_t before, int64_t source_size,
                          const TensorRef& positions) {
  const Scalar args[] = {Scalar::of(before), Scalar::of(source_size - 1)};
  record_map(stream, formulas::pad_position_program(mode), List<TensorRef>(&positions, 1), {}, args);
}

}  // namespace lineshaft::frontend
