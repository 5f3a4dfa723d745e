#define LINESHAFT_LOOPS loops_avx512
#define LINESHAFT_LOOPS_NAME "avx512"
static constexpr int kVectorBytes = 64;
#include "backends/cpu/dnn/loops.inc"
