#include "cli/variables.h"

#include <algorithm>

#include "lineshaft/device/enumeration.h"
#include "platform/environment.h"
#include "trace/trace.h"
#include "transport/tls_files.h"

namespace lineshaft::cli {
namespace {

// What is wrong with the variable's value; throws it, or returns it, or nothing. Only called where it is set.
using Look = std::string (*)(const char* name, const std::string& value);

std::string look_at_switch(const char* name, const std::string&) {
  environment_switch(name);
  return {};
}

std::string look_at_bytes(const char* name, const std::string&) {
  environment_bytes(name);
  return {};
}

std::string look_at_trace(const char*, const std::string& path) {
  TraceWriter::require_writable(path);
  return {};
}

std::string look_at_fallback(const char* name, const std::string& value) {
  if (value == "warn" || value == "error") return {};
  return concat(name, "=", value, " is neither warn nor error; programs take it for error");
}

// Who connects to a server by TCP needs the files, and is told so where the server is asked. A build without the server
// has no TCP and looks at none.
std::string look_at_tls([[maybe_unused]] const char* name, [[maybe_unused]] const std::string& value) {
#if LINESHAFT_WITH_SERVER
  if (environment("LINESHAFT_SERVER").value_or("").starts_with("tcp:")) return {};
  try {
    find_tls_files(TlsRole::kGuest, value);
    return {};
  } catch (const Error& error) {
    return concat(name, "=", value, ": ", error.what());
  }
#else
  return {};
#endif
}

struct Variable {
  const char* name;
  Look look;           // null: a backend or a check of its own looks
  Severity severity;   // of a wrong value
  const char* remedy;  // begins with what it may be
};

constexpr Severity kStops = Severity::kError, kGoesOn = Severity::kWarning;

constexpr Variable kVariables[] = {
    {"LINESHAFT_DEVICES", nullptr, kStops, ""},
    {"LINESHAFT_SERVER", nullptr, kStops, ""},
    {"LINESHAFT_TLS", look_at_tls, kGoesOn, "it takes a folder of certificates, or off; correct it, or unset it"},
    {"LINESHAFT_THREADS", nullptr, kStops, ""},
    {"LINESHAFT_CPU_ISA", nullptr, kStops, ""},
    {"LINESHAFT_FALLBACK", look_at_fallback, kGoesOn, "it takes warn or error; correct it, or unset it"},
    {"LINESHAFT_FUSION", look_at_switch, kStops, "it takes on or off; correct it, or unset it"},
    {"LINESHAFT_VALIDATE", look_at_switch, kStops, "it takes on or off; correct it, or unset it"},
    {"LINESHAFT_MEMORY_LIMIT", look_at_bytes, kStops, "correct it, or unset it"},
    {"LINESHAFT_TRACE", look_at_trace, kStops,
     "it takes a file that can be written, in a folder that is there; correct it, or unset it"},
    {"LINESHAFT_VULKAN_MASK", nullptr, kStops, ""},
    {"LINESHAFT_VULKAN_FAMILY", nullptr, kStops, ""},
    {"LINESHAFT_VULKAN_RANGE", nullptr, kStops, ""},
    {"LINESHAFT_VULKAN_ELEMENTS", nullptr, kStops, ""},
    {"LINESHAFT_CACHE", nullptr, kGoesOn, ""},   // a server lets its workers write there
    {"LINESHAFT_PYTHON", nullptr, kGoesOn, ""},  // doctor asks that interpreter
};

std::string problem_of(const Variable& variable, const std::string& value) {
  try {
    return variable.look(variable.name, value);
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

std::vector<std::string_view> variable_names() {
  std::vector<std::string_view> names;
  for (const Variable& variable : kVariables) names.push_back(variable.name);
  return names;
}

std::vector<Finding> wrong_variables() {
  std::vector<Finding> found;
  for (const Variable& variable : kVariables) {
    auto value = environment(variable.name);
    if (!value || !variable.look) continue;
    if (std::string problem = problem_of(variable, *value); !problem.empty())
      found.push_back({variable.name, problem, variable.remedy, variable.severity});
  }
  return found;
}

std::vector<Finding> unknown_variables() {
  static constexpr std::string_view kPrefix = "LINESHAFT_";
  std::string known;
  for (std::string_view name : variable_names())
    known.append(known.empty() ? "" : ", ").append(name.substr(kPrefix.size()));
  std::vector<Finding> found;
  for (const std::string& name : environment_names()) {
    if (!name.starts_with(kPrefix) || std::ranges::count(variable_names(), name)) continue;
    found.push_back({name, "Lineshaft reads no variable of this name",
                     concat("unset it, or correct it: LINESHAFT_ may be followed by ", known)});
  }
  return found;
}

std::optional<std::string> not_asked(std::string_view address) {
  auto chosen = environment("LINESHAFT_DEVICES");
  if (!chosen || takes_backend(*chosen, "remote")) return std::nullopt;
  return concat(address, " is not asked: LINESHAFT_DEVICES=", *chosen, " names devices of this machine only");
}

}  // namespace lineshaft::cli
