#include "backends/cpu/program/epilogue.h"

#include "backends/cpu/program/map_run.h"
#include "lineshaft/program/expression.h"
#include "program/compose.h"

namespace lineshaft::cpu {

ProgramRef epilogue_program(DType type, const Epilogue& epilogue, DType output) {
  if (!epilogue.program) return cast_program(type, output);
  if (epilogue.program->inputs[0] == type) return epilogue.program;
  std::vector<Wire> wires(epilogue.program->inputs.size());
  for (size_t i = 1; i < wires.size(); ++i) wires[i] = {Wire::kNewInput, static_cast<uint8_t>(i - 1)};
  wires[0] = {Wire::kFirstOutput, 0};
  const uint8_t replaced[] = {0};
  return compose(cast_program(type, epilogue.program->inputs[0]), epilogue.program, wires, replaced);
}

void store_results(Context& context, std::byte* results, DType type, const Epilogue& epilogue,
                   const TensorView& output) {
  std::byte* to = context.data(output);
  if (!epilogue.program && results == to) return;
  std::vector<TensorView> inputs{contiguous_view(BufferId{1}, type, output.shape())};
  std::vector<std::byte*> addresses{results};
  for (const TensorView& view : epilogue.inputs) {
    inputs.push_back(view);
    addresses.push_back(context.data(view));
  }
  addresses.push_back(to);
  ProgramRef program = epilogue_program(type, epilogue, output.dtype);
  run_map(MapRun(context, program, inputs, {&output, 1}, epilogue.args, addresses));
}

}  // namespace lineshaft::cpu
