// lineshaft cdi generate: writes the specs of lent and of physical devices.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

#include "cdi/write.h"
#include "cli/cdi.h"
#include "lineshaft/base/error.h"

namespace lineshaft::cli {
namespace {

namespace files = std::filesystem;

std::vector<std::string> chosen_classes(const Arguments& arguments) {
  const std::string list = arguments.value("--kind").value_or("gpu");
  std::vector<std::string> classes;
  for (size_t at = 0; at <= list.size();) {
    size_t comma = std::min(list.find(',', at), list.size());
    std::string name = list.substr(at, comma - at);
    at = comma + 1;
    if (name != "physical") {
      classes.push_back(name);
      continue;
    }
    auto physical = physical_classes(arguments);
    LS_REQUIRE(!physical.empty(), "this machine shows no GPU that --kind physical could name");
    classes.insert(classes.end(), physical.begin(), physical.end());
  }
  return classes;
}

// A place for specs: a file by its ending, else a folder.
struct Target {
  std::string path;
  bool file = false;
  bool print = false;
  cdi::Format format = cdi::Format::kYaml;
};

Target target_of(const Arguments& arguments) {
  Target target{.path = arguments.value("--output").value_or(arguments.value("--root").value_or("") + "/etc/cdi")};
  target.print = target.path == "-";
  std::optional<cdi::Format> format;
  if (auto text = arguments.value("--format")) {
    LS_REQUIRE(*text == "yaml" || *text == "json", "--format takes yaml or json, not \"", *text, "\"");
    format = *text == "yaml" ? cdi::Format::kYaml : cdi::Format::kJson;
  }
  for (cdi::Format ending : {cdi::Format::kYaml, cdi::Format::kJson}) {
    if (!target.path.ends_with(cdi::extension(ending))) continue;
    LS_REQUIRE(format.value_or(ending) == ending, "--format ", *arguments.value("--format"),
               " and the ending of --output ", target.path, " differ, and engines go by the ending");
    target.file = true;
    format = ending;
  }
  target.format = format.value_or(cdi::Format::kYaml);
  return target;
}

void print_written(const std::string& path, const cdi::Spec& spec) {
  std::cout << "wrote " << path << ":";
  for (const cdi::Device& device : spec.devices) std::cout << " " << spec.kind << "=" << device.name;
  std::cout << "\n";
}

// The same spec in the other format would define every device twice, and engines then refuse both.
void remove_other(const Target& target, const std::string& kind) {
  cdi::Format other = target.format == cdi::Format::kYaml ? cdi::Format::kJson : cdi::Format::kYaml;
  files::path path = files::path(target.path) / cdi::file_name(kind, other);
  std::error_code error;
  if (files::remove(path, error)) std::cout << "removed " << path.string() << ", which it replaces\n";
  if (error)
    fail(ErrorCode::kInvalidArgument, "cannot remove ", path.string(),
         ", which defines the same devices: ", error.message());
}

int run_cdi_generate(const Arguments& arguments) {
  const Target target = target_of(arguments);
  std::vector<cdi::Physical> specs;
  for (const std::string& name : chosen_classes(arguments)) specs.push_back(cdi_spec(name, arguments));
  LS_REQUIRE(specs.size() == 1 || (!target.file && !target.print), "--output ", target.path,
             " takes the spec of one kind, and --kind names ", specs.size(), "; name a folder");
  for (const cdi::Physical& found : specs) {
    print_notes(found);
    std::string text = cdi::to_text(found.spec, target.format);
    if (target.print) {
      std::cout << text;
      continue;
    }
    std::string path = target.path;
    if (!target.file) path = files::path(path) / cdi::file_name(found.spec.kind, target.format);
    cdi::write_file(path, text);
    print_written(path, found.spec);
    if (!target.file) remove_other(target, found.spec.kind);
  }
  return kDone;
}

}  // namespace

Command cdi_generate_command() {
  std::vector<Option> options = {
      {"--kind", "LIST",
       "gpu: what `lineshaft serve` lends (default); nvidia, dri, wsl; physical: those that are there"},
      {"--format", "FORMAT", "yaml (default) or json"},
      {"--output", "PATH", "a folder (/etc/cdi), a file that ends in .yaml or .json, or - to print"}};
  for (const Option& option : cdi_source_options()) options.push_back(option);
  return {.name = "cdi generate",
          .summary = "Write CDI specs: what a container gets that asks for a device",
          .positional = "",
          .options = options,
          .examples =
              "  sudo lineshaft cdi generate                             # /etc/cdi/lineshaft.dev-gpu.yaml\n"
              "  lineshaft cdi generate --output ~/cdi                   # podman --cdi-spec-dir ~/cdi run ...\n"
              "  sudo lineshaft cdi generate --kind physical --format json\n"
              "  lineshaft cdi generate --kind nvidia --output -         # only look\n",
          .run = run_cdi_generate};
}

}  // namespace lineshaft::cli
