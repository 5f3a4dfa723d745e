#define LINESHAFT_KERNELS kernels_base
#define LINESHAFT_KERNELS_NAME "base"
static constexpr int kVectorBytes = 16;
#include "backends/cpu/dnn/kernels.inc"
