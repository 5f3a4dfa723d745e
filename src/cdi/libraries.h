// Where the dynamic linker of a machine looks for libraries.
#pragma once

#include <string>
#include <vector>

#include "cdi/root.h"

namespace lineshaft::cdi {

// Folders in the order in which they are searched: those of /etc/ld.so.conf and what it includes, then the linker's own
// and the ones in which distributions keep drivers. Only those that exist, each once, without symbolic links.
std::vector<std::string> library_folders(const Root& root);

struct Library {
  std::string path;                // the file: "/usr/lib/x86_64-linux-gnu/libcuda.so.535.183.01"
  std::vector<std::string> names;  // its own and those of the links to it beside it: "libcuda.so.1"
};

// The 64-bit libraries of the folders that end with `ending` (".so.535.183.01"), each name once: the first folder wins.
std::vector<Library> find_libraries(const Root& root, const std::vector<std::string>& folders,
                                    const std::string& ending);

}  // namespace lineshaft::cdi
