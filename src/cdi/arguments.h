#pragma once

#include <string>
#include <vector>

#include "cdi/spec.h"

namespace lineshaft::cdi {

// What does the same as --device KIND=NAME for engines that do not know CDI, docker before 25 for one: the options
// -v, -e and --device with their values, a word each. Throws Error(kInvalidArgument) for a name that the spec lacks,
// listing what it has, and for paths with a colon, which -v cannot say.
std::vector<std::string> engine_arguments(const Spec& spec, const std::string& name);

// The words with spaces between them, quoted for a shell where they need it.
std::string shell_text(const std::vector<std::string>& words);

}  // namespace lineshaft::cdi
