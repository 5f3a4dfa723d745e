// lineshaft cdi validate: says what a container engine would refuse in a spec.
#include <iostream>

#include "cdi/installed.h"
#include "cli/cdi.h"
#include "lineshaft/base/error.h"

namespace lineshaft::cli {
namespace {

int run_cdi_validate(const Arguments& arguments) {
  bool good = true;
  for (const std::string& path : arguments.positional()) {
    cdi::Reading reading = cdi::read_spec_file(path);
    for (const cdi::Problem& problem : reading.problems) std::cout << cdi::to_string(problem, path) << "\n";
    if (reading.problems.empty())
      std::cout << path << ": " << reading.spec.kind << ", cdiVersion " << reading.version << ", "
                << reading.spec.devices.size() << (reading.spec.devices.size() == 1 ? " device" : " devices")
                << ", no problem\n";
    good = good && reading.problems.empty();
  }
  return good ? kDone : kProblem;
}

}  // namespace

Command cdi_validate_command() {
  return {.name = "cdi validate",
          .summary = "Check CDI specs of any vendor: what is wrong, in which line and field",
          .positional = "FILE...",
          .options = {},
          .examples = "  lineshaft cdi validate /etc/cdi/*.yaml\n",
          .run = run_cdi_validate};
}

}  // namespace lineshaft::cli
