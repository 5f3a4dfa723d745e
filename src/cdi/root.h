// A machine's files, seen from its root folder: the machine's own, or another's that lies below a folder (the host's,
// mounted into a container; an image's; a test's). All paths that go in and come out are as that machine names them.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lineshaft::cdi {

class Root {
 public:
  // "" or "/" is the machine itself. Throws Error(kInvalidArgument) unless it is a folder.
  explicit Root(const std::string& folder = "");

  // The path without symbolic links, none of which leads out of the root. Nothing if nothing is there.
  std::optional<std::string> resolve(const std::string& path) const;
  bool exists(const std::string& path) const { return resolve(path).has_value(); }
  bool is_folder(const std::string& path) const;
  // Names in the folder that begin with `start`, renderD9 before renderD10. Empty if there is no such folder.
  std::vector<std::string> names(const std::string& folder, const std::string& start = "") const;
  // The file's first bytes without the line break at their end; "" if it cannot be read.
  std::string read(const std::string& path, size_t most = 1 << 20) const;
  // Where the path lies for this process.
  std::string outside(const std::string& path) const { return folder_ + path; }

 private:
  std::string folder_;  // without a slash at the end: "" for the machine itself
};

// Whether `a` comes before `b`, digits being compared as numbers.
bool natural_less(const std::string& a, const std::string& b);

}  // namespace lineshaft::cdi
