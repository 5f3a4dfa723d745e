// Where kernels report an index outside its bound, or a requirement that is not met; IndexError in submission.h. Only the first report is kept.
// Define LS_INDEX_ERROR_BINDING before.
layout(std430, set = 0, binding = LS_INDEX_ERROR_BINDING) buffer IndexErrors {
  uint flag;
  uint command;
  uint index_low, index_high;
  uint bound_low, bound_high;
} ls_index_errors;

void ls_report_index64(uint command, uvec2 index, uvec2 bound) {
  if (atomicCompSwap(ls_index_errors.flag, 0u, 1u) != 0u) return;
  ls_index_errors.command = command;
  ls_index_errors.index_low = index.x;
  ls_index_errors.index_high = index.y;
  ls_index_errors.bound_low = bound.x;
  ls_index_errors.bound_high = bound.y;
}

void ls_report_requirement(uint command, uint requirement) {
  if (atomicCompSwap(ls_index_errors.flag, 0u, 2u + requirement) == 0u) ls_index_errors.command = command;
}

void ls_report_index(uint command, int index, int bound) {
  ls_report_index64(command, uvec2(uint(index), uint(index >> 31)), uvec2(uint(bound), uint(bound >> 31)));
}
