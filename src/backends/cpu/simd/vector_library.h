// The names of glibc's vector functions: LINESHAFT_F32(v, exp) is expf of the widest vector. Undefined where the
// library is missing.
#pragma once

#include "backends/cpu/simd/vector.h"

#if LINESHAFT_LIBMVEC && LINESHAFT_ISA_LEVEL == 2
#define LINESHAFT_F32(arity, name) _ZGVeN16##arity##_##name##f
#define LINESHAFT_F64(arity, name) _ZGVeN8##arity##_##name
#elif LINESHAFT_LIBMVEC && LINESHAFT_ISA_LEVEL == 1
#define LINESHAFT_F32(arity, name) _ZGVdN8##arity##_##name##f
#define LINESHAFT_F64(arity, name) _ZGVdN4##arity##_##name
#elif LINESHAFT_LIBMVEC
#define LINESHAFT_F32(arity, name) _ZGVbN4##arity##_##name##f
#define LINESHAFT_F64(arity, name) _ZGVbN2##arity##_##name
#endif
