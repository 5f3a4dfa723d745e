// lineshaft cdi args: the arguments that do the same for engines without CDI.
#include <iostream>

#include "cdi/arguments.h"
#include "cdi/names.h"
#include "cli/cdi.h"
#include "lineshaft/base/error.h"

namespace lineshaft::cli {
namespace {

int run_cdi_args(const Arguments& arguments) {
  std::vector<std::string> names = arguments.positional();
  if (names.empty()) names.emplace_back("lineshaft.dev/gpu=all");
  std::vector<std::string> words;
  for (const std::string& text : names) {
    cdi::QualifiedName name = cdi::parse_qualified_name(text);
    LS_REQUIRE(name.kind.starts_with("lineshaft.dev/"), "\"", text,
               "\" is another vendor's; lineshaft cdi args knows the kinds of lineshaft.dev");
    cdi::Physical found = cdi_spec(name.kind.substr(name.kind.find('/') + 1), arguments);
    print_notes(found);
    for (const std::string& word : cdi::engine_arguments(found.spec, name.name)) words.push_back(word);
  }
  std::cout << cdi::shell_text(words) << "\n";
  return kDone;
}

}  // namespace

Command cdi_args_command() {
  return {.name = "cdi args",
          .summary = "Print the arguments that do the same for engines without CDI: -v, -e, --device",
          .positional = "[KIND=NAME]",
          .options = cdi_source_options(),
          .examples =
              "  docker run $(lineshaft cdi args) IMAGE                        # lineshaft.dev/gpu=all\n"
              "  docker run $(lineshaft cdi args lineshaft.dev/dri=0) IMAGE\n",
          .run = run_cdi_args};
}

}  // namespace lineshaft::cli
