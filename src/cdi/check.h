// Reads any vendor's CDI spec, JSON or YAML, and says what an engine would refuse in it.
#pragma once

#include <string>
#include <vector>

#include "cdi/spec.h"

namespace lineshaft::cdi {

struct Problem {
  int line = 0;       // from 1; 0 if none can be named
  std::string where;  // "devices[0].containerEdits.mounts[1].hostPath"; "" for the document as a whole
  std::string what;   // "is missing"
};

// What could be read, and all that is wrong: with problems the spec may lack parts.
struct Reading {
  std::string version;  // cdiVersion
  Spec spec;
  std::vector<Problem> problems;
};

Reading read_spec(const std::string& text);
// A file that cannot be read, or one of more than 16 MiB, is a problem too.
Reading read_spec_file(const std::string& path);

// "/etc/cdi/vendor.yaml:7: devices[0].name: is missing"
std::string to_string(const Problem& problem, const std::string& path);

}  // namespace lineshaft::cdi
