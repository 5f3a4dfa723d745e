#include "cdi/arguments.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "lineshaft/base/error.h"

namespace lineshaft::cdi {
namespace {

const Device& device_named(const Spec& spec, const std::string& name) {
  std::string there;
  for (const Device& device : spec.devices) {
    if (device.name == name) return device;
    there += (there.empty() ? "" : ", ") + device.name;
  }
  fail(ErrorCode::kInvalidArgument, spec.kind, " has no device \"", name, "\"; it has ", there);
}

std::string plain(const std::string& path) {
  LS_REQUIRE(path.find(':') == std::string::npos, "the path ", path,
             " holds a colon, which -v and --device take for the end of a path; use an engine with CDI");
  return path;
}

}  // namespace

std::vector<std::string> engine_arguments(const Spec& spec, const std::string& name) {
  Edits edits = spec.edits;
  merge(edits, device_named(spec, name).edits);
  std::vector<std::string> words;
  auto add = [&](const char* option, const std::string& value) { words.insert(words.end(), {option, value}); };
  for (const DeviceNode& node : edits.device_nodes) {
    std::string host = node.host_path.empty() ? node.path : node.host_path;
    add("--device", concat(plain(host), ":", plain(node.path), ":", node.permissions));
  }
  for (const Mount& mount : edits.mounts) {
    bool read_only = std::ranges::find(mount.options, "ro") != mount.options.end();
    add("-v", concat(plain(mount.host_path), ":", plain(mount.container_path), read_only ? ":ro" : ""));
  }
  for (const std::string& variable : edits.env) add("-e", variable);
  return words;
}

std::string shell_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    bool safe = !word.empty() && std::ranges::all_of(word, [](unsigned char c) {
      return c > 0x7f || std::isalnum(c) ||
             std::string_view("-_./:=,@%+").find(static_cast<char>(c)) != std::string::npos;
    });
    if (!text.empty()) text += ' ';
    if (safe) {
      text += word;
      continue;
    }
    text += '\'';
    for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += '\'';
  }
  return text;
}

}  // namespace lineshaft::cdi
