// lineshaft version: what this build is.
#include <iostream>

#include "cli/command.h"
#include "lineshaft/device/registry.h"

namespace lineshaft::cli {
namespace {

int run_version(const Arguments&) {
  std::cout << "lineshaft " << LINESHAFT_VERSION << "\nbackends:";
  for (const auto& backend : backends()) std::cout << " " << backend->name();
  std::cout << "\n";
  return kDone;
}

}  // namespace

Command version_command() {
  return {.name = "version",
          .summary = "Print the version and the backends built in",
          .positional = "",
          .options = {},
          .examples = "  lineshaft version\n",
          .run = run_version};
}

}  // namespace lineshaft::cli
