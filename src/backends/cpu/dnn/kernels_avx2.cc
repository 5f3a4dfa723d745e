#define LINESHAFT_KERNELS kernels_avx2
#define LINESHAFT_KERNELS_NAME "avx2"
static constexpr int kVectorBytes = 32;
#include "backends/cpu/dnn/kernels.inc"
