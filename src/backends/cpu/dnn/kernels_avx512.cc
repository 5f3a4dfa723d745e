#define LINESHAFT_KERNELS kernels_avx512
#define LINESHAFT_KERNELS_NAME "avx512"
static constexpr int kVectorBytes = 64;
#include "backends/cpu/dnn/kernels.inc"
