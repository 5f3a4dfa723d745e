#define LINESHAFT_LOOPS loops_base
#define LINESHAFT_LOOPS_NAME "base"
static constexpr int kVectorBytes = 16;
#include "backends/cpu/dnn/loops.inc"
