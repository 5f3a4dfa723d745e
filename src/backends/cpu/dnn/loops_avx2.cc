#define LINESHAFT_LOOPS loops_avx2
#define LINESHAFT_LOOPS_NAME "avx2"
static constexpr int kVectorBytes = 32;
#include "backends/cpu/dnn/loops.inc"
