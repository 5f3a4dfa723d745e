// What a device cannot do and the host does in its place: an operator that a framework's device lacks, an operation in
// a dtype that a GPU lacks. None of it is silent: each is named once, counted, and an error where the user asks for
// that (LINESHAFT_FALLBACK=error).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "lineshaft/base/export.h"

namespace lineshaft {

enum class FallbackMode : uint8_t { kWarn, kError };

// The process's. Until it is set: what LINESHAFT_FALLBACK says, warn (the default) or error; any other text is taken
// for error, with one line that says so.
LINESHAFT_EXPORT FallbackMode fallback_mode();
LINESHAFT_EXPORT void set_fallback_mode(FallbackMode mode);

// Counts one run on the host of what is called `name`. True for the first since the start or the last reset.
LINESHAFT_EXPORT bool count_fallback(const std::string& name);
// How often each ran on the host, in all threads.
LINESHAFT_EXPORT std::map<std::string, int64_t> fallback_counts();
LINESHAFT_EXPORT void reset_fallback_counts();
// One line for the end of the process; empty where nothing ran on the host, and where that is an error.
LINESHAFT_EXPORT std::string fallback_summary();

}  // namespace lineshaft
