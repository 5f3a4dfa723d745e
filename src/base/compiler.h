// What compilers offer beyond C++, under one name each: nothing else in src/ asks which compiler it is, but for kernels
// that are written for an instruction set.
#pragma once

#ifndef __SIZEOF_INT128__
#include "base/portable_int128.h"
#endif

namespace lineshaft {

#ifdef __SIZEOF_INT128__
using Int128 = __int128;
using UInt128 = unsigned __int128;
#else
using Int128 = PortableInt128<true>;
using UInt128 = PortableInt128<false>;
#endif

// Says that the cache line at `address` will be read soon. Any address may be given.
inline void prefetch([[maybe_unused]] const void* address) {
#ifdef __GNUC__
  __builtin_prefetch(address, 0, 2);
#endif
}

}  // namespace lineshaft
