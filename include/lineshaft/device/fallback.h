// Fallbacks: what a device cannot compute and the host computes in its place, such as an operator that a framework's
// device lacks, or an operation in a dtype that a GPU lacks. A fallback is never silent: each is named once and
// counted, or is an error where the user asks for that (LINESHAFT_FALLBACK=error). Any thread may call the functions.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "lineshaft/base/export.h"

namespace lineshaft {

enum class FallbackMode : uint8_t { kWarn, kError };

// The mode of the whole process. Until it is set, it is the value of LINESHAFT_FALLBACK, warn (the default) or error;
// any other text means error, and one line on the standard error says so.
LINESHAFT_EXPORT FallbackMode fallback_mode();
LINESHAFT_EXPORT void set_fallback_mode(FallbackMode mode);

// Counts one run of the operator or operation `name` on the host. True for the first run of that name since the start
// or the last reset.
LINESHAFT_EXPORT bool count_fallback(const std::string& name);
// How often each name was counted, by all threads.
LINESHAFT_EXPORT std::map<std::string, int64_t> fallback_counts();
LINESHAFT_EXPORT void reset_fallback_counts();
// One line of text to print at the end of the process; empty where nothing was counted, and in mode kError.
LINESHAFT_EXPORT std::string fallback_summary();

}  // namespace lineshaft
