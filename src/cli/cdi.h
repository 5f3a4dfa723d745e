// What the commands of `lineshaft cdi` share.
#pragma once

#include <string>
#include <vector>

#include "cdi/physical.h"
#include "cli/command.h"

namespace lineshaft::cli {

Command cdi_args_command();
Command cdi_generate_command();
Command cdi_list_command();
Command cdi_validate_command();

// --devices, --socket, --root: where the devices of a spec come from.
std::vector<Option> cdi_source_options();
// The spec of a class of lineshaft.dev ("gpu", "nvidia"), from those options. Throws if there is no such device.
cdi::Physical cdi_spec(const std::string& device_class, const Arguments& arguments);
// The classes of the physical devices that are there.
std::vector<std::string> physical_classes(const Arguments& arguments);
// For the standard error.
void print_notes(const cdi::Physical& found);

}  // namespace lineshaft::cli
