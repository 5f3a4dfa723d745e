// The fingerprint of the public headers that the engine was compiled with: 16 hexadecimal digits, a hash of their names
// and contents. Who was compiled against the engine has that of its own headers (include/lineshaft/fingerprint.cmake).
// Where the two differ, classes and functions may be others, and nothing else of the engine may be called.
#pragma once

#include "lineshaft/base/export.h"

// By this name also for a program that loads the library by itself, as Python's ctypes does.
extern "C" LINESHAFT_EXPORT const char* lineshaft_header_fingerprint();

namespace lineshaft {

inline const char* header_fingerprint() {
  return lineshaft_header_fingerprint();
}

}  // namespace lineshaft
