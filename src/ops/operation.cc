#include "lineshaft/ops/operation.h"

#include <algorithm>

namespace lineshaft {

void require_present(const char* what, const TensorView& view) {
  LS_REQUIRE(view, what, " is missing");
}

void require_rank(const char* what, const TensorView& view, int rank) {
  require_present(what, view);
  LS_REQUIRE(view.rank == rank, what, " has rank ", int{view.rank}, " (", shape_text(view.shape()), "); it takes rank ",
             rank);
}

void require_shape(const char* what, const TensorView& view, std::span<const int64_t> sizes) {
  require_present(what, view);
  LS_REQUIRE(std::ranges::equal(view.shape(), sizes), what, " has sizes ", shape_text(view.shape()), "; it takes ",
             shape_text(sizes));
}

void require_dtype(const char* what, const TensorView& view, DType dtype) {
  require_present(what, view);
  LS_REQUIRE(view.dtype == dtype, what, " is ", name_of(view.dtype), "; it takes ", name_of(dtype));
}

void require_float(const char* what, const TensorView& view) {
  require_present(what, view);
  LS_REQUIRE(is_float(view.dtype), what, " is ", name_of(view.dtype), "; it takes f64, f32, f16 or bf16");
}

void require_index(const char* what, const TensorView& view) {
  require_present(what, view);
  LS_REQUIRE(view.dtype == DType::kI64 || view.dtype == DType::kI32, what, " is ", name_of(view.dtype),
             "; it takes i64 or i32");
}

void require_axis(int axis, int rank) {
  LS_REQUIRE(axis >= 0 && axis < rank, "axis ", axis, " is outside rank ", rank);
}

void require_program(ProgramRef program, List<TensorView> inputs, List<TensorView> outputs, size_t args) {
  LS_REQUIRE(program, "the program is missing");
  LS_REQUIRE(inputs.size() == program->inputs.size(), "the program takes ", program->inputs.size(), " inputs; ",
             inputs.size(), " are given");
  LS_REQUIRE(outputs.size() == program->outputs.size(), "the program gives ", program->outputs.size(), " outputs; ",
             outputs.size(), " are given");
  LS_REQUIRE(args == program->args.size(), "the program takes ", program->args.size(), " arguments; ", args,
             " are given");
  for (size_t i = 0; i < inputs.size(); ++i) {
    require_present("an input", inputs[i]);
    LS_REQUIRE(inputs[i].dtype == program->inputs[i], "input ", i, " is ", name_of(inputs[i].dtype),
               "; the program takes ", name_of(program->inputs[i]));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    require_present("an output", outputs[i]);
    LS_REQUIRE(outputs[i].dtype == program->outputs[i], "output ", i, " is ", name_of(outputs[i].dtype),
               "; the program gives ", name_of(program->outputs[i]));
  }
}

void require_space(ProgramRef program, int rank) {
  if (!program->uses_index) return;
  for (const Instruction& instruction : program->code)
    LS_REQUIRE(instruction.opcode != Opcode::kIndex || instruction.imm < rank,
               "the program reads the index along axis ", instruction.imm, " of an iteration space of rank ", rank);
}

void require_epilogue(const Epilogue& epilogue, const TensorView& output) {
  require_present("output", output);
  if (!epilogue.program) {
    LS_REQUIRE(epilogue.inputs.empty() && epilogue.args.empty(), "an epilogue without a program has ",
               epilogue.inputs.size(), " inputs and ", epilogue.args.size(), " arguments; it takes none");
    return;
  }
  const Program& program = *epilogue.program;
  LS_REQUIRE(program.outputs.size() == 1, "an epilogue gives ", program.outputs.size(), " outputs; it takes one");
  LS_REQUIRE(program.inputs.size() == epilogue.inputs.size() + 1, "an epilogue's program takes ", program.inputs.size(),
             " inputs; the result and ", epilogue.inputs.size(), " more are given");
  LS_REQUIRE(program.outputs[0] == output.dtype, "an epilogue gives ", name_of(program.outputs[0]), "; output is ",
             name_of(output.dtype));
  LS_REQUIRE(program.args.size() == epilogue.args.size(), "an epilogue takes ", program.args.size(), " arguments; ",
             epilogue.args.size(), " are given");
  for (size_t i = 0; i < epilogue.inputs.size(); ++i) {
    require_dtype("an epilogue's input", epilogue.inputs[i], program.inputs[i + 1]);
    require_shape("an epilogue's input", epilogue.inputs[i], output.shape());
  }
  require_space(epilogue.program, output.rank);
}

DType result_dtype(const Epilogue& epilogue, const TensorView& output) {
  return epilogue.program ? epilogue.program->inputs[0] : output.dtype;
}

void require_spatial(const char* what, const Spatial& values, int count, int32_t least, int32_t unused) {
  for (int i = 0; i < static_cast<int>(values.size()); ++i) {
    if (i < count)
      LS_REQUIRE(values[i] >= least, what, " is ", values[i], " on spatial axis ", i, "; it is at least ", least);
    else
      LS_REQUIRE(values[i] == unused, what, " is ", values[i], " on spatial axis ", i, ", which is not used; leave it ",
                 unused);
  }
}

}  // namespace lineshaft
