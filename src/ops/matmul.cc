#include "lineshaft/ops/matmul.h"

#include <algorithm>

#include "ops/operands.h"

namespace lineshaft {

Sizes matmul_output_sizes(std::span<const int64_t> a, std::span<const int64_t> b) {
  Sizes sizes(a.begin(), a.end());
  sizes.back() = b.back();
  return sizes;
}

void validate(const Matmul& op) {
  require_memory(op, {"inputs"});
  require_present("a", op.a);
  LS_REQUIRE(op.a.rank == 2 || op.a.rank == 3, "a has rank ", int{op.a.rank}, "; it takes rank 2 or 3");
  require_rank("b", op.b, op.a.rank);
  int row = op.a.rank - 2;
  LS_REQUIRE(op.a.sizes[row + 1] == op.b.sizes[row], "a ", shape_text(op.a.shape()), " and b ",
             shape_text(op.b.shape()), " do not multiply: ", op.a.sizes[row + 1], " columns, ", op.b.sizes[row],
             " rows");
  LS_REQUIRE(row == 0 || op.a.sizes[0] == op.b.sizes[0], "a has ", op.a.sizes[0], " batches, b ", op.b.sizes[0]);
  Sizes sizes = matmul_output_sizes(op.a.shape(), op.b.shape());
  require_shape("output", op.output, {sizes.data(), sizes.size()});
  require_work({row == 0 ? 1 : sizes[0], sizes[row], op.a.sizes[row + 1], sizes[row + 1]});
  require_dtype("b", op.b, op.a.dtype);
  require_epilogue(op.epilogue, op.output);
  DType result = result_dtype(op.epilogue, op.output);
  LS_REQUIRE(op.a.dtype != DType::kBool, "a is bool; a matmul takes floats or integers");
  LS_REQUIRE(is_float(op.a.dtype) ? is_float(result) : is_int(result), "the product of ", name_of(op.a.dtype),
             " is stored as ", name_of(result), "; it takes ", is_float(op.a.dtype) ? "a float" : "an integer",
             " dtype");
}

double units_of(const Matmul& op) {
  return elements(op.output) * static_cast<double>(op.a.sizes[std::max(op.a.rank - 1, 0)]);
}

}  // namespace lineshaft
